#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "tests/bench/histogram.h"
#include "tests/bench/report.h"
#include "tests/bench/scrape.h"

namespace armada_cache::bench {
namespace {

using std::chrono::microseconds;
using ::testing::DoubleNear;
using ::testing::HasSubstr;

TEST(Histogram, QuantilesAreWithinTheWidthOfABucket) {
  Histogram histogram;
  for (int value = 1; value <= 10'000; ++value) histogram.record(microseconds(value));
  EXPECT_EQ(histogram.count(), 10'000u);
  EXPECT_THAT(histogram.quantile_us(0.5), DoubleNear(5000, 5000 * 0.016));
  EXPECT_THAT(histogram.quantile_us(0.99), DoubleNear(9900, 9900 * 0.016));
  EXPECT_DOUBLE_EQ(histogram.quantile_us(1), 10'000);
  EXPECT_DOUBLE_EQ(histogram.max_us(), 10'000);
}

TEST(Histogram, TakesAnyValue) {
  Histogram histogram;
  EXPECT_DOUBLE_EQ(histogram.quantile_us(0.5), 0);
  histogram.record(std::chrono::nanoseconds(-5));
  EXPECT_DOUBLE_EQ(histogram.quantile_us(0.99), 0);
  histogram.record(std::chrono::nanoseconds::max());
  EXPECT_GT(histogram.quantile_us(0.99), 1e12);
}

TEST(Scrape, InterpolatesWithinABucketAndSumsLabels) {
  const std::string text =
      "x_visible_seconds_bucket{partition=\"0\",le=\"0.1\"} 40\n"
      "x_visible_seconds_bucket{partition=\"1\",le=\"0.1\"} 10\n"
      "x_visible_seconds_bucket{partition=\"0\",le=\"0.2\"} 80\n"
      "x_visible_seconds_bucket{partition=\"1\",le=\"0.2\"} 20\n"
      "x_visible_seconds_bucket{le=\"+Inf\"} 100\n"
      "x_visible_seconds_count 100\n"
      "other_seconds_bucket{le=\"0.1\"} 7\n";
  const HistogramSample sample = scrape_histogram(text, "visible_seconds");
  EXPECT_THAT(sample.quantile(0.25), DoubleNear(0.05, 1e-9));
  EXPECT_THAT(sample.quantile(0.75), DoubleNear(0.15, 1e-9));
  EXPECT_DOUBLE_EQ((sample - sample).quantile(0.5), 0);
}

Figure lookups() {
  Figure figure;
  figure.name = "lookups";
  figure.unit = "lookups/s";
  figure.runs = {30'000, 10'000, 20'000};
  figure.ceiling_name = "echo";
  figure.ceiling_runs = {40'000};
  return figure;
}

TEST(Report, ComparesTheMedianWithTheAim) {
  Figure figure = lookups();
  figure.aim_ratio = 0.5;
  EXPECT_TRUE(figure.aim_met());
  figure.aim_ratio = 0.51;
  EXPECT_FALSE(figure.aim_met());
  figure.aim_ratio.reset();
  figure.better = Better::kLower;
  figure.aim = 19'999;
  EXPECT_FALSE(figure.aim_met());
  figure.aim = 20'000;
  EXPECT_TRUE(figure.aim_met());
  figure.aim_p99_us = 10;
  EXPECT_FALSE(figure.aim_met()) << "no p99 was measured";
}

TEST(Report, TellsTheSameAsTableAndAsJson) {
  Report report;
  report.figures = {lookups()};
  report.failures = {"mixed: no port"};
  const std::string table = to_table(report);
  EXPECT_THAT(table, HasSubstr("10.0k / 20.0k / 30.0k"));
  EXPECT_THAT(table, HasSubstr("not measured: mixed: no port"));
  const boost::json::value json = boost::json::parse(to_json(report));
  EXPECT_DOUBLE_EQ(json.at("figures").at(0).at("ratio").as_double(), 0.5);
  EXPECT_DOUBLE_EQ(json.at("figures").at(0).at("figure").as_double(), 20'000);
}

}  // namespace
}  // namespace armada_cache::bench
