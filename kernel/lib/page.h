// Whole pages, as fast as the machine moves memory. Both pointers are page-aligned and do not overlap.
#pragma once

namespace ox {

void copy_page(void* to, const void* from);
void zero_page(void* page);

}  // namespace ox
