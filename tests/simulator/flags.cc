#include "tests/simulator/flags.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <charconv>
#include <optional>
#include <sstream>

#include "tests/simulator/life.h"

namespace armada_cache::simulator {
namespace {

namespace po = boost::program_options;

constexpr char kIntroduction[] =
    "armada-sim: a simulated Armada for tests and demonstrations: api.Event, api.Submit and\n"
    "api.Jobs over gRPC, all of it drawn from a seed.\n\n"
    "  armada-sim --job-sets=10 --jobs=1000 --rate=500     a load of so many jobs and events/s\n"
    "  armada-sim --play=tests/data/recordings             recorded streams, byte for byte\n"
    "  armada-sim --demo                                   a few job sets with ever new jobs\n\n"
    "It prints one line when it is ready, and ends on SIGTERM or SIGINT.\n";

// What cannot be read straight into an option.
struct RawFlags {
  std::vector<std::string> queues;
  std::vector<std::string> users;
  std::vector<std::string> tokens;
  std::string load_queues;
  std::string outcomes;
  std::string refused;
  std::string unauthenticated;
  std::int64_t delay_first = 0;
  std::int64_t delay_between = 0;
  double restart_seconds = 0;
  double account_seconds = 5;
};

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

base::Error wrong(const std::string& flag, const std::string& value, const std::string& allowed) {
  return {base::ErrorCode::kInvalidArgument,
          "--" + flag + "=" + value + " is not valid; it takes " + allowed};
}

po::options_description general_flags(Options& options, RawFlags& raw) {
  po::options_description flags("General", 110, 60);
  flags.add_options()("help", "print this and end")(
      "listen", po::value(&options.listen)->default_value(options.listen),
      "HOST:PORT of the gRPC server; port 0 takes a free one")(
      "seed", po::value(&options.seed)->default_value(options.seed),
      "where all randomness comes from")(
      "queue", po::value(&raw.queues)->value_name("NAME[=OWNER,...][/WATCHER,...]"),
      "a queue, may be repeated; without names everybody may use it")(
      "user", po::value(&raw.users)->value_name("NAME:PASSWORD"),
      "basic credentials, may be repeated; without any, all callers are let in as anonymous")(
      "token", po::value(&raw.tokens)->value_name("NAME:TOKEN"), "a bearer token, may be repeated")(
      "account", po::value(&options.account_file)->value_name("FILE"),
      "keep a file of JSON lines with what was sent and what is true")(
      "account-seconds", po::value(&raw.account_seconds)->default_value(raw.account_seconds),
      "how often the account is written while things change; it is also written at the end")(
      "job-seconds", po::value(&options.job_seconds)->default_value(options.job_seconds),
      "how long a job lives that came by SubmitJobs (its annotations armada-sim/seconds and "
      "armada-sim/outcome overrule)")("max-jobs",
                                      po::value(&options.max_jobs)->default_value(options.max_jobs),
                                      "no further jobs are made beyond so many")(
      "max-bytes", po::value(&options.max_bytes)->default_value(options.max_bytes),
      "no further jobs are made once the streams hold so much")(
      "max-stream-bytes", po::value(&options.max_stream_bytes)->default_value(0),
      "a stream forgets its oldest events beyond it (then --max-bytes does not count); 0 = never");
  return flags;
}

po::options_description load_flags(Options& options, RawFlags& raw) {
  LoadOptions& load = options.load;
  LifeOptions& life = options.life;
  po::options_description flags("Load", 110, 60);
  flags.add_options()(
      "demo", "four job sets in two queues with ever new jobs, 40 events/s, up to 50000 jobs")(
      "queues", po::value(&raw.load_queues)->default_value("sim"),
      "the queues that the job sets are dealt to, separated by commas")(
      "job-sets", po::value(&load.job_sets)->default_value(load.job_sets),
      "how many, named load-0, load-1, ...")(
      "jobs", po::value(&load.jobs)->default_value(load.jobs),
      "in each job set; 0 = ever new ones, up to --max-jobs")(
      "live-jobs", po::value(&load.live_jobs)->default_value(load.live_jobs),
      "at once in each job set; 1 makes the events of a job adjacent")(
      "rate", po::value(&load.rate)->default_value(load.rate),
      "events a second over all job sets; 0 = as fast as possible")(
      "batch", po::value(&load.batch)->default_value(load.batch),
      "events in an upstream message at the most")(
      "outcomes", po::value(&raw.outcomes)->value_name("NAME=SHARE,..."),
      "how jobs end: succeeded, failed, cancelled, preempted, rejected, retried, "
      "lease_returned, lease_expired; those not named get no share")(
      "utilisation", po::value(&life.utilisation_events)->default_value(life.utilisation_events),
      "utilisation events in a run")("spec-bytes",
                                     po::value(&life.spec_bytes)->default_value(life.spec_bytes),
                                     "about so many in the pod spec of a job of the load");
  return flags;
}

po::options_description play_flags(Options& options) {
  po::options_description flags("Playback", 110, 60);
  flags.add_options()("play", po::value(&options.play.folder)->value_name("DIR"),
                      "play each QUEUE__JOBSET.binpb of the folder, and "
                      "QUEUE__JOBSET.snap-NAME.binpb where there is no full one")(
      "play-rate", po::value(&options.play.rate)->default_value(options.play.rate),
      "events a second in each job set; 0 = all at once");
  return flags;
}

po::options_description fault_flags(FaultOptions& faults, RawFlags& raw) {
  po::options_description flags("Faults (a chance is between 0 and 1)", 110, 60);
  const auto chance = [](double& value) { return po::value(&value)->default_value(value); };
  flags.add_options()("disconnect-chance", chance(faults.disconnect_probability),
                      "that a stream ends with UNAVAILABLE, at each event sent")(
      "disconnect-after", po::value(&faults.disconnect_after)->default_value(0),
      "each stream ends with UNAVAILABLE after so many events; 0 = never")(
      "restart-seconds", po::value(&raw.restart_seconds)->default_value(0),
      "the listener goes away and comes back each so often; 0 = never")(
      "delay-first-ms", po::value(&raw.delay_first)->default_value(0),
      "before the first event of a stream")("delay-between-ms",
                                            po::value(&raw.delay_between)->default_value(0),
                                            "between two events of a stream")(
      "refuse", po::value(&raw.refused)->value_name("QUEUE,..."), "PERMISSION_DENIED for these")(
      "refuse-credentials", po::value(&raw.unauthenticated)->value_name("QUEUE,..."),
      "UNAUTHENTICATED for these")("duplicate-chance", chance(faults.duplicate_probability),
                                   "that an event comes again under a new id")(
      "late-chance", chance(faults.late_probability),
      "that a terminal event is followed by one that is not")(
      "foreign-chance", chance(faults.foreign_probability),
      "that somebody meddles with another's or an unknown job, at each event")(
      "garbage-chance", chance(faults.garbage_probability), "of a message that is no protobuf")(
      "truncated-chance", chance(faults.truncated_probability), "of a message cut in half")(
      "no-job-id-chance", chance(faults.no_job_id_probability), "of an event without a job id")(
      "unknown-kind-chance", chance(faults.unknown_kind_probability),
      "of an event with kinds, fields or values of a newer Armada")(
      "oversized-chance", chance(faults.oversized_probability), "of an event of --oversized-bytes")(
      "oversized-bytes", po::value(&faults.oversized_bytes)->default_value(faults.oversized_bytes),
      "its size");
  return flags;
}

base::Result<double> share_from(const std::string& text) {
  double share = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), share);
  const bool whole = error == std::errc() && end == text.data() + text.size() && share >= 0;
  if (!whole) return base::fail(base::ErrorCode::kInvalidArgument, text);
  return share;
}

base::Status read_outcomes(const std::string& text, LifeOptions& life) {
  if (text.empty()) return {};
  life.outcome_shares.fill(0);
  for (const std::string& part : split(text, ',')) {
    const std::size_t equals = std::min(part.find('='), part.size());
    const auto outcome = outcome_from(part.substr(0, equals));
    const auto share = share_from(part.substr(std::min(equals + 1, part.size())));
    if (!outcome || !share) {
      return tl::unexpected(wrong("outcomes", part, "NAME=SHARE,... with the names of --help"));
    }
    life.outcome_shares[static_cast<std::size_t>(*outcome)] = *share;
  }
  return {};
}

QueueOptions queue_from_flag(const std::string& text) {
  const std::size_t equals = std::min(text.find('='), text.size());
  QueueOptions queue;
  queue.name = text.substr(0, equals);
  const std::string rest = text.substr(std::min(equals + 1, text.size()));
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  queue.owners = split(rest.substr(0, slash), ',');
  queue.watchers = split(rest.substr(std::min(slash + 1, rest.size())), ',');
  return queue;
}

base::Status read_users(const RawFlags& raw, std::vector<UserOptions>& users) {
  for (const auto& [flag, values] : {std::pair{"user", &raw.users}, {"token", &raw.tokens}}) {
    for (const std::string& text : *values) {
      const std::size_t colon = text.find(':');
      if (colon == std::string::npos) {
        return tl::unexpected(wrong(flag, "...", "NAME and a secret with a colon between"));
      }
      const std::string name = text.substr(0, colon);
      const std::string secret = text.substr(colon + 1);
      const auto at = std::find_if(users.begin(), users.end(),
                                   [&](const UserOptions& user) { return user.name == name; });
      UserOptions& user = at == users.end() ? users.emplace_back(UserOptions{name, ""}) : *at;
      (values == &raw.users ? user.password : user.token) = secret;
    }
  }
  return {};
}

base::Status check(const Options& options) {
  const FaultOptions& faults = options.faults;
  for (const double chance :
       {faults.disconnect_probability, faults.duplicate_probability, faults.late_probability,
        faults.foreign_probability, faults.garbage_probability, faults.truncated_probability,
        faults.no_job_id_probability, faults.unknown_kind_probability,
        faults.oversized_probability}) {
    if (chance < 0 || chance > 1) {
      return tl::unexpected(wrong("...-chance", std::to_string(chance), "a number from 0 to 1"));
    }
  }
  if (options.load.live_jobs == 0) return tl::unexpected(wrong("live-jobs", "0", "1 or more"));
  if (options.load.batch == 0) return tl::unexpected(wrong("batch", "0", "1 or more"));
  if (options.load.queues.empty()) return tl::unexpected(wrong("queues", "", "a name or more"));
  if (options.load.rate < 0 || options.play.rate < 0) {
    return tl::unexpected(wrong("rate", "a negative number", "0 or more"));
  }
  return {};
}

base::Status read_raw(const RawFlags& raw, Options& options) {
  for (const std::string& queue : raw.queues) options.queues.push_back(queue_from_flag(queue));
  options.load.queues = split(raw.load_queues, ',');
  for (const std::string& queue : split(raw.refused, ',')) {
    options.faults.refused_queues.insert(queue);
  }
  for (const std::string& queue : split(raw.unauthenticated, ',')) {
    options.faults.unauthenticated_queues.insert(queue);
  }
  const auto millis = [](double seconds) {
    return Milliseconds(static_cast<std::int64_t>(seconds * 1000));
  };
  options.faults.delay_first = Milliseconds(raw.delay_first);
  options.faults.delay_between = Milliseconds(raw.delay_between);
  options.faults.restart_every = millis(raw.restart_seconds);
  options.account_period = millis(raw.account_seconds);
  if (auto read = read_users(raw, options.users); !read) return read;
  if (auto read = read_outcomes(raw.outcomes, options.life); !read) return read;
  return check(options);
}

// What --demo means, where the command line does not say otherwise.
void apply_demo(const po::variables_map& given, Options& options) {
  const auto unless_given = [&](const char* flag, auto& option, auto value) {
    if (given[flag].defaulted()) option = value;
  };
  unless_given("queues", options.load.queues, std::vector<std::string>{"q-a", "q-b"});
  unless_given("job-sets", options.load.job_sets, 4);
  unless_given("jobs", options.load.jobs, 0);
  unless_given("live-jobs", options.load.live_jobs, 12);
  unless_given("rate", options.load.rate, 40);
  unless_given("max-jobs", options.max_jobs, 50'000);
}

}  // namespace

base::Result<CommandLine> parse_flags(const std::vector<std::string>& arguments) {
  CommandLine line;
  RawFlags raw;
  po::options_description flags;
  flags.add(general_flags(line.options, raw))
      .add(load_flags(line.options, raw))
      .add(play_flags(line.options))
      .add(fault_flags(line.options.faults, raw));
  po::variables_map given;
  try {
    const po::positional_options_description none;
    po::store(po::command_line_parser(arguments).options(flags).positional(none).run(), given);
    po::notify(given);
  } catch (const po::error& error) {
    return base::fail(base::ErrorCode::kInvalidArgument,
                      std::string(error.what()) + "; see --help");
  }
  if (given.contains("help")) {
    std::ostringstream out;
    out << kIntroduction << flags;
    line.help = out.str();
    return line;
  }
  if (auto read = read_raw(raw, line.options); !read) return tl::unexpected(read.error());
  if (given.contains("demo")) apply_demo(given, line.options);
  return line;
}

}  // namespace armada_cache::simulator
