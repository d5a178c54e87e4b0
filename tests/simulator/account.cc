#include "tests/simulator/account.h"

#include <algorithm>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "tests/simulator/ids.h"

namespace armada_cache::simulator {
namespace {

boost::json::object line_of(const Account& account) {
  boost::json::object injected;
  for (const auto& [kind, count] : account.injected) injected[kind] = count;
  return {{"type", "simulator"},
          {"seed", account.seed},
          {"made", account.made},
          {"ended", account.ended},
          {"capped", account.capped},
          {"jobs", account.jobs.size()},
          {"job_sets", account.job_sets.size()},
          {"messages", account.messages},
          {"bytes", account.bytes},
          {"injected", std::move(injected)}};
}

boost::json::object line_of(const JobSetAccount& account) {
  boost::json::array ids;
  ids.reserve(account.ids.size());
  for (const MessageId& id : account.ids) ids.emplace_back(to_text(id.id, id.last));
  return {{"type", "job_set"},
          {"queue", account.job_set.queue},
          {"job_set", account.job_set.name},
          {"created", account.ids.size()},
          {"sent", account.readers.sent},
          {"trimmed", account.trimmed},
          {"streams_opened", account.readers.opened},
          {"streams_open", account.readers.open},
          {"most_streams_open", account.readers.most_open},
          {"ids", std::move(ids)}};
}

boost::json::object line_of(const JobAccount& account) {
  return {{"type", "job"},
          {"id", account.id},
          {"queue", account.job_set.queue},
          {"job_set", account.job_set.name},
          {"state", std::string(name_of(account.state))},
          {"expected", std::string(name_of(account.expected))},
          {"runs", account.runs},
          {"events", account.events}};
}

}  // namespace

const JobSetAccount* Account::find(const base::JobSet& job_set) const {
  const auto at = std::find_if(job_sets.begin(), job_sets.end(), [&](const JobSetAccount& account) {
    return account.job_set == job_set;
  });
  return at == job_sets.end() ? nullptr : &*at;
}

base::Status write_account(const Account& account, const std::string& file) {
  const std::string draft = file + ".new";
  std::ofstream out(draft, std::ios::trunc);
  out << line_of(account) << '\n';
  for (const JobSetAccount& job_set : account.job_sets) out << line_of(job_set) << '\n';
  for (const JobAccount& job : account.jobs) out << line_of(job) << '\n';
  out.close();
  std::error_code error;
  if (out) std::filesystem::rename(draft, file, error);
  if (!out || error) {
    return base::fail(base::ErrorCode::kUnavailable,
                      "cannot write the account to " + file + "; is its folder there, and room?");
  }
  return {};
}

}  // namespace armada_cache::simulator
