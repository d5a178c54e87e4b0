// The little of protobuf's wire form that is written and read by hand: messages must go out
// byte for byte as they are, well formed or not.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace armada_cache::simulator {

// A length-delimited field: a string, bytes or a message.
void append_field(std::uint32_t number, std::string_view value, std::string& out);

// An api.EventStreamMessage of this id around an encoded api.EventMessage.
std::string encode_stream_message(std::string_view id, std::string_view event);

// A file of messages, each a varint length and the bytes. kDataLoss if it ends within one.
base::Result<std::vector<std::string>> read_delimited(const std::filesystem::path& file);

}  // namespace armada_cache::simulator
