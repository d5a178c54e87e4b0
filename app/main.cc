#include <algorithm>
#include <csignal>
#include <iostream>
#include <string_view>

#include "app/commands.h"
#include "app/version.h"

namespace {

constexpr std::string_view kUsage =
    "armada-cache: answers \"how is this job?\" for jobs that Armada schedules\n"
    "\n"
    "usage: armada-cache COMMAND [--setting=value ...]\n"
    "\n"
    "  standalone   the whole cache in one process, over an embedded log\n"
    "  ingest       follows job sets of Armada into Kafka\n"
    "  projector    makes job status out of Kafka, and answers lookups of query processes\n"
    "  query        answers clients, with what projectors know\n"
    "  show         watch job sets of a running cache on the terminal\n"
    "\n"
    "armada-cache COMMAND --help lists a command's settings, --help-all the rare ones too; "
    "--version tells the version. SIGTERM, SIGINT and SIGHUP stop it in good order; no signal "
    "reloads settings.\n";

}  // namespace

int main(int argc, char** argv) {
  // Whoever reads the output may go at any time.
  std::signal(SIGPIPE, SIG_IGN);
  const armada_cache::app::Arguments arguments(argv + std::min(argc, 1), argv + argc);
  const std::string command = arguments.empty() ? "" : arguments.front();
  const armada_cache::app::Arguments rest(arguments.begin() + (arguments.empty() ? 0 : 1),
                                          arguments.end());
  if (command == "standalone") return armada_cache::app::run_standalone(rest);
  if (command == "ingest") return armada_cache::app::run_ingest(rest);
  if (command == "projector") return armada_cache::app::run_projector(rest);
  if (command == "query") return armada_cache::app::run_query(rest);
  if (command == "show") return armada_cache::app::run_show(rest);
  if (command == "--version") {
    std::cout << "armada-cache " << armada_cache::app::kVersion << "\n";
    return 0;
  }
  if (command == "--help" || command == "-h" || command == "help") {
    std::cout << kUsage;
    return 0;
  }
  std::cerr << (command.empty() ? "" : "there is no command '" + command + "'\n\n") << kUsage;
  return 2;
}
