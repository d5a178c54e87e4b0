// The file FORMAT in a log's folder: says what the folder is before any database is opened.
#pragma once

#include <filesystem>

#include "core/base/error.h"

namespace armada_cache::eventlog::embedded {

// Makes the folder and the file where they are missing, and checks the version where it is there.
// kFailedPrecondition: a newer version, or a folder with other things in it; kPermissionDenied,
// kUnavailable: it cannot be made or read.
base::Status prepare_folder(const std::filesystem::path& directory);

}  // namespace armada_cache::eventlog::embedded
