// The kernel's command line (kernel/hub/options.cpp).
#include "hub/options.h"

#include <gtest/gtest.h>

namespace ox {
namespace {

TEST(Words, EachSetsItsOption) {
  const Options options = parse_options(" init=/bin/sh fork=cow  trace record=300 debug recount=7 stats -- a b");
  EXPECT_EQ(options.init, "/bin/sh");
  EXPECT_EQ(options.fork, ForkMode::cow);
  EXPECT_TRUE(options.trace && options.record && options.debug && options.stats);
  EXPECT_EQ(options.events, 300u);
  EXPECT_EQ(options.recount, 7u);
  EXPECT_EQ(options.init_arguments, " a b");
  EXPECT_TRUE(options.wrong.empty() && options.unknown.empty());
}

TEST(Words, BehindTheDashesAreInitsArguments) {
  const Options options = parse_options("-- debug fork=x");
  EXPECT_FALSE(options.debug);
  EXPECT_TRUE(options.wrong.empty());
}

TEST(Words, AnUnknownWordIsNamed) {
  EXPECT_EQ(parse_options("debug quiet frobnicate").unknown, "quiet");
  EXPECT_EQ(parse_options("debug=1").unknown, "debug=1");
}

TEST(Words, AWrongValueIsNamedWithTheAllowedOnes) {
  for (const char* word : {"init=", "fork=", "fork=cows", "record=", "record=0", "record=1x", "record=1000000001",
                           "record=18446744073709551617", "recount", "recount=", "recount=0", "recount=-1"}) {
    const Options options = parse_options(word);
    const std::string_view allowed = options.allowed;
    const std::string_view text = word;
    EXPECT_EQ(options.wrong, word);
    EXPECT_TRUE(allowed.starts_with(text.substr(0, text.find('=')))) << word << ": " << allowed;
  }
  for (const char* word : {"record=1", "record=1000000000"}) EXPECT_TRUE(parse_options(word).wrong.empty()) << word;
}

std::vector<std::string> arguments(std::string_view text) {
  std::vector<std::string> all;
  while (const auto argument = take_argument(text)) all.emplace_back(*argument);
  return all;
}

using List = std::vector<std::string>;

TEST(Arguments, BlanksOrQuotesSeparateThem) {
  EXPECT_EQ(arguments("  ls  -l /bin "), (List{"ls", "-l", "/bin"}));
  EXPECT_EQ(arguments("sh -c \"echo a;  echo 'b'\" x"), (List{"sh", "-c", "echo a;  echo 'b'", "x"}));
  EXPECT_EQ(arguments("sh -c 'echo \"a\"'"), (List{"sh", "-c", "echo \"a\""}));
  EXPECT_EQ(arguments("a '' \"\" b"), (List{"a", "", "", "b"}));
}

TEST(Arguments, AQuoteThatIsNotClosedGoesToTheEnd) { EXPECT_EQ(arguments("a 'b c"), (List{"a", "b c"})); }

TEST(Arguments, QuotesInsideAWordAreItsOwn) { EXPECT_EQ(arguments("a=\"b c\""), (List{"a=\"b", "c\""})); }

}  // namespace
}  // namespace ox
