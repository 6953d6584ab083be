//  Mean loss and error of an epoch so far. Steps hand over tensors without waiting for their values; they are
//  read together, a few times a second.

internal import Images
internal import Torch

struct RunningMeans {
  /// What is counted in; the same sums in however many pieces, and after any stop.
  struct Sums: Codable {
    var steps = 0
    var images = 0
    var loss = 0.0
    var wrong = 0
  }

  private(set) var sums: Sums
  private var pending: [(losses: Tensor, logits: Tensor, wrong: Tensor, classes: [Int])] = []

  init(_ sums: Sums = Sums()) {
    self.sums = sums
  }

  /// Images that are counted in.
  var count: Int { sums.images }
  var loss: Double { sums.loss / Double(max(1, count)) }
  /// In percent.
  var error: Double { 100 * Double(sums.wrong) / Double(max(1, count)) }

  mutating func append(losses: Tensor, logits: Tensor, batch: Batch) {
    let logits = logits.detached
    // Of mixed images the label with the larger share counts.
    let labels = batch.mixture.flatMap { $0.share < 0.5 ? $0.labels : nil } ?? batch.labels
    let wrong = withoutGradients { logits.argmax(dimension: 1).differs(from: labels) }
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
    guard !pending.isEmpty else { return nil }
    defer { pending = [] }
    // All steps in two reads.
    let allLosses = Tensor.concatenated(pending.map(\.losses)).array(of: Float.self)
    let allWrong = Tensor.concatenated(pending.map(\.wrong)).array(of: Bool.self)
    var start = 0
    for (_, logits, _, classes) in pending {
      let images = start..<start + classes.count
      start = images.upperBound
      let values = Array(allLosses[images])
      if let image = values.firstIndex(where: { !$0.isFinite }) {
        return Fault(
          step: sums.steps, classIndex: classes[image], logitsAreFinite: logits.select(image).isFinite)
      }
      sums.loss += values.reduce(0) { $0 + Double($1) }
      sums.wrong += allWrong[images].count { $0 }
      sums.images += classes.count
      sums.steps += 1
    }
    return nil
  }
}
