// Load, playback and faults: what the streams hold, and that the account is true.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <set>

#include "tests/simulator/simulator.h"
#include "tests/simulator/wire.h"
#include "tests/support/eventually.h"
#include "tests/support/manual_clock.h"
#include "tests/support/recordings.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/simulator/client.h"

namespace armada_cache::simulator {
namespace {

using std::chrono::seconds;
using test_support::eventually;
using testing::SizeIs;

Options options_of(std::size_t job_sets, std::size_t jobs) {
  Options options;
  options.listen = "127.0.0.1:0";
  options.load.job_sets = job_sets;
  options.load.jobs = jobs;
  options.life.outcome_shares.fill(1);
  return options;
}

// The whole of a stream, byte for byte.
std::vector<std::string> read_raw(const std::string& address, const api::JobSetRequest& request) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  grpc::GenericStub stub(
      grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareCall(&context, "/api.Event/GetJobSetEvents", &queue);
  void* tag = nullptr;
  bool ok = false;
  const auto wait = [&] { return queue.Next(&tag, &ok) && ok; };
  call->StartCall(nullptr);
  EXPECT_TRUE(wait());
  grpc::Slice slice(request.SerializeAsString());
  call->WriteLast(grpc::ByteBuffer(&slice, 1), {}, nullptr);
  EXPECT_TRUE(wait());
  std::vector<std::string> messages;
  for (grpc::ByteBuffer buffer;;) {
    call->Read(&buffer, nullptr);
    if (!wait()) break;
    EXPECT_TRUE(buffer.DumpToSingleSlice(&slice).ok());
    messages.emplace_back(slice.begin(), slice.end());
  }
  grpc::Status status;
  call->Finish(&status, nullptr);
  EXPECT_TRUE(wait());
  EXPECT_TRUE(status.ok()) << status.error_message();
  return messages;
}

TEST(LoadTest, EveryJobEndsAsPlannedAndTheAccountCountsEveryMessage) {
  Simulator sim(options_of(4, 50));
  const Client client(sim.start().value());
  ASSERT_TRUE(eventually(seconds(20), [&] { return sim.ended(); }));
  const Account account = sim.account();
  EXPECT_EQ(account.jobs.size(), 200U);
  std::set<JobState> ends;
  for (const JobAccount& job : account.jobs) {
    EXPECT_EQ(job.state, job.expected) << job.id;
    ends.insert(job.state);
  }
  EXPECT_THAT(ends, SizeIs(5));
  for (const JobSetAccount& job_set : account.job_sets) {
    const StreamEnd end = client.read(request_for(job_set.job_set.queue, job_set.job_set.name));
    ASSERT_EQ(end.messages.size(), job_set.ids.size());
    for (std::size_t i = 0; i < job_set.ids.size(); ++i) {
      EXPECT_EQ(base::UpstreamId::parse(end.messages[i].id()), job_set.ids[i].id);
      EXPECT_TRUE(i == 0 || job_set.ids[i - 1].id < job_set.ids[i].id);
    }
  }
}

TEST(LoadTest, TheSameSeedGivesTheSameStreams) {
  const test_support::ManualClock clock;
  const auto streams_of = [&](std::uint64_t seed) {
    Options options = options_of(2, 30);
    options.seed = seed;
    options.faults.duplicate_probability = 0.1;
    Simulator sim(options, clock);
    const std::string address = sim.start().value();
    EXPECT_TRUE(eventually(seconds(20), [&] { return sim.ended(); }));
    return read_raw(address, request_for("sim", "load-1"));
  };
  EXPECT_TRUE(streams_of(7) == streams_of(7));
  EXPECT_FALSE(streams_of(7) == streams_of(8));
}

TEST(LoadTest, TheRateIsKept) {
  Options options = options_of(3, 0);
  options.load.rate = 1000;
  Simulator sim(options);
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(sim.start());
  ASSERT_TRUE(eventually(seconds(20), [&] { return sim.account().messages >= 1000; }));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(900));
}

TEST(LoadTest, NoJobsAreMadeBeyondTheCap) {
  Options options = options_of(2, 0);
  options.max_jobs = 70;
  Simulator sim(options);
  ASSERT_TRUE(sim.start());
  ASSERT_TRUE(eventually(seconds(20), [&] { return sim.ended(); }));
  EXPECT_EQ(sim.account().jobs.size(), 70U);
  EXPECT_TRUE(sim.account().capped);
}

TEST(LoadTest, AStreamForgetsItsOldestEventsWhenToldTo) {
  Options options = options_of(1, 200);
  options.max_stream_bytes = 50'000;
  Simulator sim(options);
  const std::string address = sim.start().value();
  ASSERT_TRUE(eventually(seconds(20), [&] { return sim.ended(); }));
  const JobSetAccount account = *sim.account().find({"sim", "load-0"});
  EXPECT_GT(account.trimmed, 0U);
  EXPECT_EQ(read_raw(address, request_for("sim", "load-0")).size(),
            account.ids.size() - account.trimmed);
}

TEST(FaultsTest, WhatIsAddedDoesNotChangeTheTruth) {
  Options options = options_of(2, 300);
  options.faults.duplicate_probability = 0.1;
  options.faults.late_probability = 0.5;
  options.faults.foreign_probability = 0.05;
  options.faults.garbage_probability = 0.02;
  options.faults.truncated_probability = 0.02;
  options.faults.no_job_id_probability = 0.02;
  options.faults.unknown_kind_probability = 0.02;
  options.faults.oversized_probability = 0.001;
  Simulator sim(options);
  const std::string address = sim.start().value();
  ASSERT_TRUE(eventually(seconds(20), [&] { return sim.ended(); }));
  const Account account = sim.account();
  for (const JobAccount& job : account.jobs) EXPECT_EQ(job.state, job.expected);
  EXPECT_THAT(account.injected, SizeIs(8));
  std::uint64_t undecodable = 0;
  std::uint64_t oversized = 0;
  for (const JobSetAccount& job_set : account.job_sets) {
    for (const std::string& bytes : read_raw(address, request_for("sim", job_set.job_set.name))) {
      if (!api::EventStreamMessage().ParseFromString(bytes)) ++undecodable;
      if (bytes.size() > 5'000'000) ++oversized;
    }
  }
  EXPECT_EQ(undecodable, account.injected.at("garbage") + account.injected.at("truncated"));
  EXPECT_EQ(oversized, account.injected.at("oversized"));
}

TEST(FaultsTest, StreamsBreakAndCanBeResumed) {
  Options options = options_of(1, 100);
  options.faults.disconnect_after = 100;
  Simulator sim(options);
  const Client client(sim.start().value());
  ASSERT_TRUE(eventually(seconds(20), [&] { return sim.ended(); }));
  std::size_t got = 0;
  std::string last;
  int broken = 0;
  for (grpc::Status status(grpc::StatusCode::UNAVAILABLE, ""); !status.ok() && broken < 1000;) {
    const StreamEnd end = client.read(request_for("sim", "load-0", last));
    status = end.status;
    EXPECT_LE(end.messages.size(), 100U);
    got += end.messages.size();
    if (!end.messages.empty()) last = end.messages.back().id();
    if (!status.ok()) {
      EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
      ++broken;
    }
  }
  EXPECT_GT(broken, 3);
  EXPECT_EQ(got, sim.account().find({"sim", "load-0"})->ids.size());
}

TEST(FaultsTest, StreamsBreakAtRandomAndTheServerRestarts) {
  Options options = options_of(1, 100);
  options.faults.disconnect_probability = 0.02;
  options.faults.restart_every = Milliseconds(100);
  Simulator sim(options);
  const Client client(sim.start().value());
  ASSERT_TRUE(eventually(seconds(20), [&] { return sim.ended(); }));
  const std::size_t all = sim.account().find({"sim", "load-0"})->ids.size();
  std::size_t got = 0;
  std::string last;
  const bool read_all = eventually(seconds(60), [&] {
    const StreamEnd end = client.read(request_for("sim", "load-0", last));
    got += end.messages.size();
    if (!end.messages.empty()) last = end.messages.back().id();
    return end.status.ok();
  });
  EXPECT_TRUE(read_all);
  EXPECT_EQ(got, all);
}

TEST(FaultsTest, QueuesAreRefused) {
  Options options = options_of(2, 1);
  options.load.queues = {"q-a", "q-b"};
  options.faults.refused_queues = {"q-a"};
  options.faults.unauthenticated_queues = {"q-b"};
  Simulator sim(options);
  const Client client(sim.start().value());
  EXPECT_EQ(client.read(request_for("q-a", "load-0")).status.error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(client.read(request_for("q-b", "load-1")).status.error_code(),
            grpc::StatusCode::UNAUTHENTICATED);
}

TEST(FaultsTest, EventsCanBeSlow) {
  Options options = options_of(1, 1);
  options.faults.delay_first = Milliseconds(150);
  options.faults.delay_between = Milliseconds(20);
  Simulator sim(options);
  const Client client(sim.start().value());
  ASSERT_TRUE(eventually(seconds(20), [&] { return sim.ended(); }));
  const auto begin = std::chrono::steady_clock::now();
  const StreamEnd end = client.read(request_for("sim", "load-0"));
  EXPECT_TRUE(end.status.ok());
  EXPECT_GE(std::chrono::steady_clock::now() - begin,
            Milliseconds(150) + Milliseconds(20) * (end.messages.size() - 1));
}

TEST(PlaybackTest, RecordingsComeOutByteForByte) {
  const std::filesystem::path folder = std::filesystem::path(TEST_DATA_DIR) / "recordings";
  Options options = options_of(0, 0);
  options.play.folder = folder;
  Simulator sim(options);
  const std::string address = sim.start().value();
  ASSERT_TRUE(eventually(seconds(20), [&] { return sim.made(); }));
  for (const char* name : {"q-a__race", "q-b__basic", "q-a__attacker", "q-a__held3.snap-held"}) {
    const std::string stem = name;
    const std::string job_set = stem.substr(5, stem.find('.') - 5);
    EXPECT_TRUE(read_raw(address, request_for(stem.substr(0, 3), job_set)) ==
                test_support::read_recording(folder / (stem + ".binpb")))
        << name;
  }
}

TEST(PlaybackTest, CanBePlayedSlowly) {
  Options options = options_of(0, 0);
  options.play.folder = std::filesystem::path(TEST_DATA_DIR) / "recordings";
  options.play.rate = 50;
  Simulator sim(options);
  const Client client(sim.start().value());
  const StreamEnd end = client.read(request_for("q-a", "race", "", true), 30);
  EXPECT_THAT(end.messages, SizeIs(30));
  EXPECT_FALSE(sim.made());
}

TEST(AccountTest, IsWrittenWhileThingsChangeAndAtTheEnd) {
  const test_support::TempDir folder;
  Options options = options_of(2, 20);
  options.account_file = folder.path() / "account.jsonl";
  options.account_period = Milliseconds(50);
  {
    Simulator sim(options);
    ASSERT_TRUE(sim.start());
    ASSERT_TRUE(
        eventually(seconds(20), [&] { return std::filesystem::exists(options.account_file); }));
    ASSERT_TRUE(eventually(seconds(20), [&] { return sim.ended(); }));
  }
  std::ifstream in(options.account_file);
  std::map<std::string, int> lines;
  for (std::string line; std::getline(in, line);) {
    const auto object = boost::json::parse(line).as_object();
    ++lines[std::string(object.at("type").as_string())];
    if (object.at("type") == "job") {
      EXPECT_EQ(object.at("state"), object.at("expected"));
    }
    if (object.at("type") == "job_set") {
      EXPECT_EQ(object.at("created").to_number<std::size_t>(), object.at("ids").as_array().size());
    }
  }
  EXPECT_EQ(lines, (std::map<std::string, int>{{"simulator", 1}, {"job_set", 2}, {"job", 40}}));
}

}  // namespace
}  // namespace armada_cache::simulator
