#include "core/base/wire.h"

#include <gtest/gtest.h>

#include "core/base/bytes.h"

namespace armada_cache::base {
namespace {

std::string varint(std::uint64_t value) {
  std::string bytes;
  append_varint(bytes, value);
  return bytes;
}

TEST(Bytes, VarintsComeBackAndTakeWhatTheySay) {
  for (const std::uint64_t value :
       {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, std::uint64_t{300},
        std::uint64_t{1} << 35, ~std::uint64_t{0}}) {
    const std::string bytes = varint(value) + "rest";
    EXPECT_EQ(bytes.size() - 4, varint_bytes(value));
    std::string_view from = bytes;
    std::uint64_t taken = 0;
    ASSERT_TRUE(take_varint(from, taken));
    EXPECT_EQ(taken, value);
    EXPECT_EQ(from, "rest");
  }
}

TEST(Bytes, NothingIsTakenOfAVarintThatEndsTooSoonOrTooLate) {
  std::uint64_t value = 0;
  for (const std::string& bytes : {std::string(), std::string("\x80"), std::string(11, '\x80')}) {
    std::string_view from = bytes;
    EXPECT_FALSE(take_varint(from, value));
    EXPECT_EQ(from, bytes);
  }
  const std::string six = varint(std::uint64_t{1} << 35);
  std::string_view from = six;
  EXPECT_FALSE(take_varint(from, value, 5));
  EXPECT_TRUE(take_varint(from, value, 6));
}

TEST(Bytes, FixedNumbersSortAsTheyCount) {
  std::string smaller;
  std::string greater;
  append_fixed(smaller, std::uint32_t{255});
  append_fixed(greater, std::uint32_t{256});
  EXPECT_LT(smaller, greater);
  EXPECT_EQ(get_fixed<std::uint32_t>(greater.data()), 256u);
}

TEST(WireFields, GivesEachFieldAndSkipsGroups) {
  std::string message = varint(1 << 3 | 0) + varint(300);         // 1: varint
  message += varint(2 << 3 | 2) + varint(3) + "abc";              // 2: bytes
  message += varint(3 << 3 | 3) + varint(9 << 3 | 0) + varint(1)  // 3: a group with a field
             + varint(3 << 3 | 4);
  message += varint(4 << 3 | 5) + "1234";  // 4: fixed, 32 bits
  WireFields fields(message);
  auto field = fields.next();
  ASSERT_TRUE(field);
  EXPECT_EQ(field->number, 1u);
  EXPECT_EQ(field->varint, 300u);
  field = fields.next();
  ASSERT_TRUE(field);
  EXPECT_EQ(field->bytes, "abc");
  field = fields.next();
  ASSERT_TRUE(field);
  EXPECT_EQ(field->number, 4u);
  EXPECT_EQ(field->type, WireType::kFixed32);
  EXPECT_FALSE(fields.next());
  EXPECT_FALSE(fields.is_broken());
}

TEST(WireFields, TellsWhatIsBroken) {
  for (const std::string& broken :
       {varint(1 << 3 | 2) + varint(4) + "abc",         // shorter than it says
        varint(0) + "x",                                // no field has number 0
        varint(1 << 3 | 7),                             // no such type
        varint(1 << 3 | 4),                             // a group ends that did not begin
        varint(1 << 3 | 3) + varint(2 << 3 | 4),        // another group ends
        varint(std::uint64_t{1} << 35) + varint(1)}) {  // a tag of more than 32 bits
    WireFields fields(broken);
    EXPECT_FALSE(fields.next());
    EXPECT_TRUE(fields.is_broken());
    EXPECT_FALSE(fields.next());
  }
}

TEST(WireFields, GroupsWithinGroupsHaveABound) {
  std::string nested;
  for (int i = 0; i < 100'000; ++i) nested += varint(1 << 3 | 3);
  WireFields fields(nested);
  EXPECT_FALSE(fields.next());
  EXPECT_TRUE(fields.is_broken());
}

}  // namespace
}  // namespace armada_cache::base
