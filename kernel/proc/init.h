// The first process.
#pragma once

#include "hub/kernel.h"

namespace ox {

// Makes process 1, ready to run, with the program and the arguments that the command line names. False: that failed,
// and the console has the reason.
bool start_init(Kernel& kernel);

}  // namespace ox
