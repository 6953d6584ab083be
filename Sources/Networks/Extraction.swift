//  What a network makes of all images of a set.

public import Images
public import Torch

/// Features and logits of every image, in the set's order.
public struct Extraction {
  /// Images that go through the network at once. Activations of 64 small images stay in a core's cache between layers;
  /// ResNet-20 takes 15 % longer with 500 (measured: 64 is best of 32 to 500). A GPU has no use for so few.
  public static func batchSize(on device: Device) -> Int {
    switch device {
    case .cpu: 64
    case .cuda: 512
    }
  }

  /// N×A, float32, on the processor wherever the network lies: what looks at features computes there.
  public let features: Tensor
  /// N×C, float32, on the processor.
  public let logits: Tensor
  public let labels: [Int]

  /// - Parameters:
  ///   - features: N×A, float32, on the processor.
  ///   - logits: N×C, float32, on the processor.
  public init(features: Tensor, logits: Tensor, labels: [Int]) {
    (self.features, self.logits, self.labels) = (features, logits, labels)
  }

  /// Runs the network over unaugmented images in float32, without gradients and by running statistics.
  /// - Parameters:
  ///   - batches: on the network's device.
  ///   - progress: called after each batch with the images done.
  /// - Throws: what `progress` throws; `FileError` for an image that no longer decodes.
  public init(of batches: any BatchSource, by network: any Network, progress: (Int) throws -> Void = { _ in }) throws {
    var (features, logits): ([Tensor], [Tensor]) = ([], [])
    var labels: [Int] = []
    let evaluation = network.evaluation
    try withoutGradients {
      for batch in batches.inOrder() {
        let part = evaluation(batch.images)
        features.append(part)
        logits.append(network.classifier(part))
        labels += batch.classes
        try progress(labels.count)
      }
    }
    if let failure = batches.failure { throw failure }
    self.init(
      features: .concatenated(features).to(.cpu), logits: .concatenated(logits).to(.cpu), labels: labels)
  }

  /// The class of the largest logit of each image.
  public var predictions: [Int] { logits.argmax(dimension: 1).array(of: Int64.self).map(Int.init) }

  /// Share of images whose prediction is not their label, in percent.
  public var error: Double {
    let wrong = zip(predictions, labels).count { $0 != $1 }
    return 100 * Double(wrong) / Double(max(1, labels.count))
  }

  /// Mean cross-entropy in nats.
  public var crossEntropy: Double {
    logits.to(.float64).crossEntropy(labels: Tensor(labels.map(Int64.init))).mean().item()
  }
}
