// For the graded tests of the lab "cow" (tools/labs/cow).
#pragma once

#include "labs/fork.h"

namespace ox {

class CowLab : public ForkLab {
 protected:
  CowLab() : ForkLab(ForkMode::cow) {}
};

}  // namespace ox
