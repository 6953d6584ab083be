// Loops that know nothing of libtorch.

#include "../Lanczos.cpp"
#include "../NormKernels.cpp"
