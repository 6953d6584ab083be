//  Directions that come from elsewhere: another run's, or another program's.

internal import Foundation
internal import Storage

extension RunFolder {
  /// Adds all directions of another catalogue, as imported but for those that the run has itself; one of the same `id`
  /// makes way. All or nothing.
  /// - Parameter name: what the other catalogue is called in errors.
  /// - Throws: `FileError.malformed` for a direction that does not fit this run's features or classes; what
  ///   `changeCatalogue` throws.
  public func importDirections(_ brought: DirectionCatalogue, from name: String) throws {
    let classCount = try directionsReport().classNames.count
    try changeCatalogue { catalogue in
      for var entry in brought.entries {
        guard let vector = brought.vector(entry.id) else { continue }
        if let problem = catalogue.problem(with: vector) {
          throw FileError.malformed(
            path: name, found: "direction \"\(entry.id)\" with \(problem.found)", expected: problem.expected)
        }
        if let index = entry.classIndex, !(0..<classCount).contains(index) {
          throw FileError.malformed(
            path: name, found: "direction \"\(entry.id)\" of class \(index)",
            expected: "a class from 0 to \(classCount - 1), or none")
        }
        // What the run makes of itself, it makes again, also when it comes back from a file; what came from elsewhere
        // stays.
        let own = catalogue.vector(entry.id) == vector ? catalogue.entry(entry.id)?.kind : nil
        entry.kind = own ?? .imported
        catalogue.add(entry, vector: vector)
      }
    }
  }
}
