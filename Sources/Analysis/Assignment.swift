//  Who is matched with whom, so that the sum over all pairs is largest: the assignment problem.

/// The assignment of each row to a column of its own with the largest sum of weights; entry i is the column of row i.
/// Of equally good ones, one.
///
/// Rows come one by one. Each finds the cheapest alternating path to a free column by Dijkstra's algorithm over
/// reduced costs, which the potentials keep at or above zero (Kuhn 1955; Jonker and Volgenant 1987). Cost O(n²m) for
/// n rows and m columns.
/// - Precondition: no more rows than columns, rows of equal length, finite weights.
func assignment(maximizing weights: [[Double]]) -> [Int] {
  let (n, m) = (weights.count, weights.first?.count ?? 0)
  precondition(n <= m && weights.allSatisfy { $0.count == m }, "\(n) rows for \(m) columns")
  var rowPotentials = [Double](repeating: 0, count: n)
  var columnPotentials = [Double](repeating: 0, count: m)
  var rowOfColumn = [Int?](repeating: nil, count: m)
  for start in 0..<n {
    var distances = [Double](repeating: .infinity, count: m)
    var previous = [Int?](repeating: nil, count: m)
    var isDone = [Bool](repeating: false, count: m)
    var (row, reached) = (start, 0.0)
    var last: Int?
    let end: Int
    while true {
      var (nearest, best) = (0, Double.infinity)
      for column in 0..<m where !isDone[column] {
        let cost = reached - weights[row][column] - rowPotentials[row] - columnPotentials[column]
        if cost < distances[column] { (distances[column], previous[column]) = (cost, last) }
        if distances[column] < best { (nearest, best) = (column, distances[column]) }
      }
      (reached, last) = (best, nearest)
      isDone[nearest] = true
      guard let next = rowOfColumn[nearest] else {
        end = nearest
        break
      }
      row = next
    }
    // Along the tree of finished columns costs fall to zero and none falls below.
    rowPotentials[start] += reached
    for column in 0..<m where isDone[column] && column != end {
      let slack = reached - distances[column]
      columnPotentials[column] -= slack
      if let row = rowOfColumn[column] { rowPotentials[row] += slack }
    }
    var column = end
    while let before = previous[column] {
      rowOfColumn[column] = rowOfColumn[before]
      column = before
    }
    rowOfColumn[column] = start
  }
  var columns = [Int](repeating: 0, count: n)
  for (column, row) in rowOfColumn.enumerated() {
    if let row { columns[row] = column }
  }
  return columns
}
