// Nothing is freed while a reader that could see it is inside; everything is freed afterwards.
#include "runtime/engine/epoch.h"

#include <gtest/gtest.h>

#include <thread>

namespace writ::engine::epoch {
namespace {

struct Counted {
  explicit Counted(int& of) : freed(of) {}
  ~Counted() { ++freed; }
  int& freed;
};

TEST(Epoch, AReaderHoldsBackWhatItMaySee) {
  int freed = 0;
  {
    const Guard outer;
    retire(new Counted(freed));
    {
      const Guard inner;
      reclaim();
    }
    reclaim();
    EXPECT_EQ(freed, 0);
  }
  EXPECT_EQ(reclaim(), 0U);
  EXPECT_EQ(freed, 1);
}

TEST(Epoch, ALaterReaderHoldsNothingBack) {
  int freed = 0;
  retire(new Counted(freed));
  const Guard later;
  reclaim();
  EXPECT_EQ(freed, 1);
}

TEST(Epoch, AThreadThatEndsLetsGo) {
  int freed = 0;
  std::thread([] { const Guard guard; }).join();
  retire(new Counted(freed));
  EXPECT_EQ(reclaim(), 0U);
  EXPECT_EQ(freed, 1);
}

}  // namespace
}  // namespace writ::engine::epoch
