//  Mean loss and error of an epoch so far. Steps hand over tensors without waiting for their values; they are
//  read together, a few times a second.

internal import Images
internal import Torch

struct RunningMeans {
  /// Images that are counted in.
  private(set) var count = 0
  private var lossSum = 0.0
  private var wrong = 0
  private var settledSteps = 0
  private var pending: [(losses: Tensor, wrong: Tensor, classes: [Int])] = []

  var loss: Double { lossSum / Double(max(1, count)) }
  /// In percent.
  var error: Double { 100 * Double(wrong) / Double(max(1, count)) }

  mutating func append(losses: Tensor, logits: Tensor, batch: Batch) {
    let wrong = withoutGradients { logits.detached.argmax(dimension: 1).differs(from: batch.labels) }
    pending.append((losses.detached, wrong, batch.classes))
  }

  /// Counts in the steps since the last call.
  /// - Returns: the first step (of the epoch, from 0) with a loss that is not finite, and its image's class.
  mutating func settle() -> (step: Int, classIndex: Int)? {
    defer { pending = [] }
    for (losses, wrong, classes) in pending {
      let values = losses.array(of: Float.self)
      if let image = values.firstIndex(where: { !$0.isFinite }) {
        return (settledSteps, classes[image])
      }
      lossSum += values.reduce(0) { $0 + Double($1) }
      self.wrong += wrong.array(of: Bool.self).count { $0 }
      count += classes.count
      settledSteps += 1
    }
    return nil
  }
}
