// The first process.
#pragma once

#include "hub/kernel.h"

namespace ox {

// Makes process 1 with the program and the arguments that the command line names, ready to run. False: it said why.
bool start_init(Kernel& kernel);

}  // namespace ox
