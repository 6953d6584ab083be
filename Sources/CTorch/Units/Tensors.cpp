// Tensors themselves, and where they are computed.

#include "../Arithmetic.cpp"
#include "../Autograd.cpp"
#include "../Creation.cpp"
#include "../Device.cpp"
#include "../Handles.cpp"
#include "../Library.cpp"
#include "../LinearAlgebra.cpp"
#include "../Parallel.cpp"
#include "../Shape.cpp"
