//  How far numbers lie from those of a reference.

public import Foundation

/// The largest difference between two lists over the largest magnitude of the reference: the relative error in the
/// maximum norm. Infinite if the lists differ in length or hold a number that is not finite.
public func relativeError(_ values: [Double], _ reference: [Double]) -> Double {
  guard values.count == reference.count, values.allSatisfy(\.isFinite) else { return .infinity }
  let difference = zip(values, reference).map { abs($0 - $1) }.max() ?? 0
  let magnitude = reference.map(abs).max() ?? 0
  return magnitude > 0 ? difference / magnitude : difference
}

/// A folder that is there while `body` runs.
public func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("isda-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}
