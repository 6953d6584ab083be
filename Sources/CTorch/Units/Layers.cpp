// What networks are made of.

#include "../ComposedLayers.cpp"
#include "../DenseBlock.cpp"
#include "../FusedNorm.cpp"
#include "../Layers.cpp"
#include "../NormSteps.cpp"
#include "../Shortcut.cpp"
