// librdkafka's error codes as ours.
#pragma once

#include <librdkafka/rdkafka.h>

#include <string>
#include <string_view>

#include "core/base/error.h"

namespace armada_cache::eventlog::kafka {

base::ErrorCode code_of(rd_kafka_resp_err_t error);

// "WHAT: REASON (CODE)", and what to do about it where that is known. `user`: who is logged in,
// empty where that is not known.
base::Error to_error(rd_kafka_resp_err_t error, std::string_view what, std::string_view reason,
                     std::string_view user);

// Whether to ask again without a word: it may help at once, and the error tells nobody what to do.
bool is_passing(rd_kafka_resp_err_t error);

}  // namespace armada_cache::eventlog::kafka
