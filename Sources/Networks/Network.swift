//  What a classifier has to be so that it can be trained with ISDA and its features be looked at.

public import Torch

/// A network from images to features, and a last layer from features to logits. What is not linear belongs to the
/// features, because ISDA's bound holds for a linear last layer.
///
///     final class Pixels: Network {  // features are the pixels themselves
///       let store = ParameterStore()
///       let classifier: Linear
///       init(seed: UInt64) {
///         classifier = Linear(store.root(seed: seed)["linear"], inputs: 3 * 32 * 32, outputs: 10)
///       }
///       func trainingFeatures(_ images: Tensor, draws: any Draws) -> Tensor { evaluation(images) }
///       var evaluation: (Tensor) -> Tensor { { $0.reshaped([-1, 3 * 32 * 32]) } }
///     }
public protocol Network: AnyObject {
  /// Parameters and buffers by the names that checkpoints have.
  var store: ParameterStore { get }
  /// The last layer, z = W a + b.
  var classifier: Linear { get }
  /// N×3×H×W → N×A, the activations before the last layer, in float32, as training sees them: normalised by the
  /// batch's own statistics, which move the running ones.
  /// - Parameter draws: what is random in it must come from here, so that a run that goes on repeats it.
  func trainingFeatures(_ images: Tensor, draws: any Draws) -> Tensor
  /// The way from images to features by the running statistics, as they and the weights are now. Folded once, applied to
  /// many batches.
  var evaluation: (Tensor) -> Tensor { get }
}

extension Network {
  /// C.
  public var classCount: Int { classifier.weight.shape[0] }
  /// A.
  public var featureCount: Int { classifier.weight.shape[1] }
  /// Where the parameters lie, and images must.
  public var device: Device { classifier.weight.device }
}
