//  Which rows of a batch belong to which class.

/// The rows of a batch grouped by class, from labels that the host knows: no value is read from the device.
public struct RowsByClass {
  public struct Group {
    public let label: Int
    /// Where the class's rows stand in `order`.
    public let rows: Range<Int>
  }

  /// Row numbers, class by class.
  public let order: [Int]
  /// The classes that occur, rising.
  public let present: [Group]

  /// - Precondition: every label is in 0 ..< classCount.
  public init(_ labels: [Int], classCount: Int) {
    // A counting sort: how many rows each class has, where its rows begin, and the rows into their places.
    var ends = [Int](repeating: 0, count: classCount)
    for (row, label) in labels.enumerated() {
      precondition((0..<classCount).contains(label), "label \(label) of row \(row) is not in 0 ..< \(classCount)")
      ends[label] += 1
    }
    var present: [Group] = []
    var next = 0
    for (label, count) in ends.enumerated() {
      if count > 0 { present.append(Group(label: label, rows: next..<next + count)) }
      ends[label] = next
      next += count
    }
    var order = [Int](repeating: 0, count: labels.count)
    for (row, label) in labels.enumerated() {
      order[ends[label]] = row
      ends[label] += 1
    }
    (self.order, self.present) = (order, present)
  }
}
