//  YAML as a recipe is written in it: mappings of known keys, whose values are words, numbers, or lists of them. Whatever
//  else stands there is named with its line, because a key that is silently passed over is a study that was not meant.

internal import Foundation
internal import Storage
internal import Yams

/// A recipe's text as YAML nodes, and errors that name a place in it.
struct RecipeFile {
  let path: String

  /// The mapping at the top.
  func mapping(_ text: String) throws(FileError) -> Node.Mapping {
    let node: Node?
    do {
      node = try Yams.compose(yaml: text)
    } catch {
      throw .malformed(path: path, found: Self.explain(error), expected: "YAML")
    }
    guard let mapping = node?.mapping else {
      throw .malformed(
        path: path, found: node == nil ? "nothing" : "no mapping at the top", expected: "keys and values")
    }
    return mapping
  }

  func fault(_ key: String, _ node: Node, expected: String) -> FileError {
    let found: String
    switch node {
    case .scalar(let scalar): found = "\"\(scalar.string)\""
    case .sequence(let list): found = "a list of \(list.count)"
    case .mapping: found = "keys and values"
    case .alias: found = "an alias"
    }
    return .malformed(path: path, found: "\(key): \(found)\(Self.line(node))", expected: expected)
  }

  /// The value of each key, in the order of the file.
  /// - Throws: `FileError` for a key that is no text or is not `known`.
  func entries(_ mapping: Node.Mapping, known: [String]?, of place: String) throws(FileError) -> [(
    key: String, value: Node
  )] {
    var entries: [(String, Node)] = []
    for (key, value) in mapping {
      guard case .scalar(let scalar) = key, known?.contains(scalar.string) ?? true else {
        throw .malformed(
          path: path, found: "key \"\(key.string ?? "?")\"\(Self.line(key)) \(place)",
          expected: known.map { "one of \($0.joined(separator: ", "))" } ?? "a name")
      }
      entries.append((scalar.string, value))
    }
    return entries
  }

  /// The words of a value: one, or each of a list.
  func words(_ key: String, _ node: Node, expected: String) throws(FileError) -> [String] {
    switch node {
    case .scalar(let scalar): return [scalar.string]
    case .sequence(let list) where !list.isEmpty:
      var words: [String] = []
      for item in list {
        guard case .scalar(let scalar) = item else { throw fault(key, item, expected: expected) }
        words.append(scalar.string)
      }
      return words
    default: throw fault(key, node, expected: expected)
    }
  }

  func word(_ key: String, _ node: Node, expected: String) throws(FileError) -> String {
    guard case .scalar(let scalar) = node else { throw fault(key, node, expected: expected) }
    return scalar.string
  }

  static func line(_ node: Node) -> String { node.mark.map { " in line \($0.line)" } ?? "" }

  private static func explain(_ error: any Error) -> String {
    switch error {
    case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
      YamlError.composer(_, let problem, let mark, _):
      "\(problem) in line \(mark.line)"
    case YamlError.duplicatedKeysInMapping(let duplicates, _):
      "key \"\(duplicates.first ?? "?")\" more than once"
    default: "text that cannot be read"
    }
  }
}
