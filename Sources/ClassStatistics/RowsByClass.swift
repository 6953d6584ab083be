//  Which rows of a batch belong to which class.

public import Torch

/// The rows of a batch grouped by class, from labels that the host knows: no value is read from the device.
public struct RowsByClass {
  public struct Group {
    public let label: Int
    /// Where the class's rows stand in `order`.
    public let rows: Range<Int>
  }

  /// Row numbers, class by class, as 64-bit integers.
  public let order: Tensor
  /// The classes that occur, rising.
  public let present: [Group]

  /// - Precondition: every label is in 0 ..< classCount.
  public init(_ labels: [Int], classCount: Int) {
    var rows = [[Int64]](repeating: [], count: classCount)
    for (row, label) in labels.enumerated() {
      precondition((0..<classCount).contains(label), "label \(label) of row \(row) is not in 0 ..< \(classCount)")
      rows[label].append(Int64(row))
    }
    var (order, present): ([Int64], [Group]) = ([], [])
    for (label, members) in rows.enumerated() where !members.isEmpty {
      present.append(Group(label: label, rows: order.count..<order.count + members.count))
      order += members
    }
    (self.order, self.present) = (Tensor(order), present)
  }
}
