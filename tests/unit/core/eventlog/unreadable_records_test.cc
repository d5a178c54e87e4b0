#include "core/eventlog/unreadable_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace armada_cache::eventlog {
namespace {

using testing::HasSubstr;

TEST(UnreadableRecords, ManyAreToldOfInAFewLines) {
  UnreadableRecords records;
  const base::Error why{base::ErrorCode::kDataLoss, "the record is damaged"};
  testing::internal::CaptureStderr();
  for (Offset offset = 0; offset < 1000; ++offset) {
    RecordView record;
    record.topic = "t";
    record.partition = 3;
    record.offset = offset;
    records.left_aside(record, why);
  }
  const std::string told = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(told.begin(), told.end(), '\n'), 10) << told;
  EXPECT_THAT(told, testing::AllOf(HasSubstr(R"("topic":"t","partition":3,"offset":0)"),
                                   HasSubstr("the record is damaged")));
}

}  // namespace
}  // namespace armada_cache::eventlog
