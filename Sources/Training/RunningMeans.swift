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
  private var pending: [(losses: Tensor, logits: Tensor, wrong: Tensor, classes: [Int])] = []

  var loss: Double { lossSum / Double(max(1, count)) }
  /// In percent.
  var error: Double { 100 * Double(wrong) / Double(max(1, count)) }

  mutating func append(losses: Tensor, logits: Tensor, batch: Batch) {
    let logits = logits.detached
    let wrong = withoutGradients { logits.argmax(dimension: 1).differs(from: batch.labels) }
    pending.append((losses.detached, logits, wrong, batch.classes))
  }

  /// A loss that is not finite.
  struct Fault {
    /// The first such step of the epoch, from 0, and the class of its first such image.
    let step: Int
    let classIndex: Int
    /// Whether the network itself was still sound, so that only what the loss adds to its logits can be at fault.
    let logitsAreFinite: Bool
  }

  /// Counts in the steps since the last call, up to the first fault.
  mutating func settle() -> Fault? {
    defer { pending = [] }
    for (losses, logits, wrong, classes) in pending {
      let values = losses.array(of: Float.self)
      if let image = values.firstIndex(where: { !$0.isFinite }) {
        return Fault(
          step: settledSteps, classIndex: classes[image], logitsAreFinite: logits.select(image).isFinite)
      }
      lossSum += values.reduce(0) { $0 + Double($1) }
      self.wrong += wrong.array(of: Bool.self).count { $0 }
      count += classes.count
      settledSteps += 1
    }
    return nil
  }
}
