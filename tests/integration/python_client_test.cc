// The quickstart's first look, with Armada's own Python client.

#include "tests/support/end_to_end.h"

namespace armada_cache {
namespace {

using std::filesystem::path;
using test_support::CacheProcess;
using test_support::ExitStatus;
using test_support::Process;
using testing::HasSubstr;

class PythonClient : public test_support::EndToEnd {
 protected:
  std::unique_ptr<Process> shell(const std::string& script) {
    return std::make_unique<Process>(test_support::Command{"/bin/sh", {"-ec", script}, {}},
                                     folder_.path());
  }

  // Made once a build folder, and by one test at a time; only a whole one is moved into place.
  path python() {
    const path venv = path(TEST_BIN_DIR).parent_path() / "python-client";
    const std::string name = "'" + venv.string() + "'";
    const auto made =
        shell("exec 9>" + name + ".lock; flock 9; test -e " + name + "/whole && exit 0; rm -rf " +
              name + "; /usr/bin/python3 -m venv " + name + "; " + name +
              "/bin/pip install --quiet --disable-pip-version-check armada_client; touch " + name +
              "/whole");
    EXPECT_EQ(made->wait_for_exit(std::chrono::minutes(5)), (ExitStatus{0, 0}))
        << made->standard_error();
    return venv / "bin" / "python3";
  }
};

TEST_F(PythonClient, SubmitsThroughArmadaAndAsksTheCacheUntilTheJobHasSucceeded) {
  const path interpreter = python();
  Process armada({test_support::program("armada-sim"),
                  {"--listen=127.0.0.1:0", "--demo", "--job-seconds=1", "--outcomes=succeeded=1"},
                  {}},
                 folder_.path());
  const auto ready = armada.wait_for_line("ready", kLong);
  ASSERT_TRUE(ready) << armada.standard_error();
  const std::string address = test_support::addresses_in(*ready).at(0);
  CacheProcess cache(options(address));

  Process script({interpreter,
                  {std::string(TEST_DATA_DIR) + "/../../docs/examples/first_look.py",
                   "--armada=" + address, "--cache=" + cache.grpc_address()},
                  {}},
                 folder_.path());
  EXPECT_EQ(script.wait_for_exit(kLong), (ExitStatus{0, 0})) << script.standard_error();
  const std::string output = script.standard_output();
  for (const char* line :
       {"submitted ", "  SUCCEEDED\n", " of q-a/first-look: SUCCEEDED\n", "-run-0 ran on "}) {
    EXPECT_THAT(output, HasSubstr(line));
  }
}

TEST_F(PythonClient, SubscribesAJobSet) {
  CacheProcess cache(options("127.0.0.1:1"));
  Process script({python(),
                  {std::string(TEST_DATA_DIR) + "/../../docs/examples/subscribe.py", "q", "set",
                   "somebody", "--lease=60", "--cache=" + cache.grpc_address()},
                  {}},
                 folder_.path());
  EXPECT_EQ(script.wait_for_exit(kLong), (ExitStatus{0, 0})) << script.standard_error();
  EXPECT_THAT(script.standard_output(), HasSubstr("followed until 20"));
}

// Two descriptions of one message in one process would be an error.
TEST_F(PythonClient, OurGeneratedCodeAndArmadasLiveInOneProcess) {
  const std::string proto = std::string(TEST_DATA_DIR) + "/../../proto";
  const auto generated =
      shell("protoc --proto_path='" + proto + "' --python_out=. armada_cache/v1/cache.proto");
  ASSERT_EQ(generated->wait_for_exit(kLong), (ExitStatus{0, 0})) << generated->standard_error();
  Process script({python(),
                  {"-c",
                   "import sys; sys.path.insert(0, '.')\n"
                   "import armada_client.armada.submit_pb2 as armada\n"
                   "from armada_cache.v1 import cache_pb2 as cache\n"
                   "print(cache.JOB_STATE_RUNNING == armada.RUNNING)"},
                  {}},
                 folder_.path());
  EXPECT_EQ(script.wait_for_exit(kLong), (ExitStatus{0, 0})) << script.standard_error();
  EXPECT_THAT(script.standard_output(), HasSubstr("True"));
}

}  // namespace
}  // namespace armada_cache
