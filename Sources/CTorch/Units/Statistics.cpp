// What is made of features.

#include "../ArgmaxAlong.cpp"
#include "../AugmentedLogits.cpp"
#include "../ClassMoments.cpp"
#include "../ComposedStatistics.cpp"
#include "../NeighbourEmbedding.cpp"
#include "../Significance.cpp"
