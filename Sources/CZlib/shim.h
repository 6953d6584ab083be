// zlib, as the system has it.
#if !__has_include(<zlib.h>)
#error "zlib's headers are missing: run 'make setup', or 'apt-get install zlib1g-dev'."
#else
#include <zlib.h>
#endif
