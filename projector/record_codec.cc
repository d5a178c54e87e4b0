#include "projector/record_codec.h"

#include <google/protobuf/arena.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "armada_cache/internal/v1/job_record.pb.h"

namespace armada_cache::projector {
namespace {

using google::protobuf::io::CodedOutputStream;

void append_field(std::string& out, int number, std::string_view value) {
  if (value.empty()) return;
  constexpr int kLengthDelimited = 2;
  std::uint8_t head[10];
  const auto tag = static_cast<std::uint32_t>(number << 3 | kLengthDelimited);
  std::uint8_t* end = CodedOutputStream::WriteVarint32ToArray(tag, head);
  end = CodedOutputStream::WriteVarint32ToArray(static_cast<std::uint32_t>(value.size()), end);
  out.append(reinterpret_cast<const char*>(head), static_cast<std::size_t>(end - head));
  out.append(value);
}

}  // namespace

std::span<char> encode(const google::protobuf::MessageLite& message, std::size_t head,
                       google::protobuf::Arena& arena) {
  const std::size_t size = head + message.ByteSizeLong();
  char* bytes = google::protobuf::Arena::CreateArray<char>(&arena, size);
  google::protobuf::io::ArrayOutputStream array(bytes + head, static_cast<int>(size - head));
  CodedOutputStream out(&array);
  out.SetSerializationDeterministic(true);
  message.SerializeWithCachedSizes(&out);
  return {bytes, size};
}

bool decode_job(std::string_view stored, const base::JobSet& owner, internal::v1::JobRecord& into) {
  if (!into.ParseFromArray(stored.data(), static_cast<int>(stored.size()))) return false;
  into.set_queue(owner.queue);
  into.set_job_set(owner.name);
  return true;
}

std::string with_names(std::string_view stored, const base::JobSet& owner) {
  std::string out;
  out.reserve(stored.size() + owner.queue.size() + owner.name.size() + 16);
  append_field(out, internal::v1::JobRecord::kQueueFieldNumber, owner.queue);
  append_field(out, internal::v1::JobRecord::kJobSetFieldNumber, owner.name);
  out.append(stored);
  return out;
}

}  // namespace armada_cache::projector
