//  A study is frozen by the first command that runs it. From then on the folder is the study's, and a recipe that asks for
//  something else is another study.

public import Foundation
public import Results
public import Storage

extension StudyFolder {
  /// Writes `recipe.yaml` and `study.json`, or holds the recipe to what they say.
  /// - Throws: `FileError` for a recipe that is not the frozen one, naming what differs, and for a folder with something
  ///   else in it.
  public func freeze(_ recipe: Recipe, from url: URL) throws(FileError) {
    if holdsStudy {
      let frozen = try study()
      guard let difference = Self.firstDifference(recipe.study, frozen) else { return }
      throw .malformed(
        path: url.path, found: difference.found,
        expected: "\(difference.expected), as frozen in \(studyFile.path) before the first run; a study with another "
          + "recipe takes another folder")
    }
    guard !FileManager.default.fileExists(atPath: runsFolder.path), !RunFolder(self.url).holdsRun else {
      throw .unwritable(path: self.url.path, reason: "it holds runs that are no study's; give another --out")
    }
    try WholeFile.write(recipe.contents, to: recipeFile)
    // Last, because from now on there is a study here.
    try JSONFile.write(recipe.study, to: studyFile)
  }

  /// The first key in which two studies differ; the analysis comes first, and a text that means the same last.
  static func firstDifference(_ one: Study, _ frozen: Study) -> (found: String, expected: String)? {
    let (mine, other) = (values(of: one), values(of: frozen))
    let differing = Set(mine.keys).union(other.keys).filter { mine[$0] != other[$0] }
    guard let key = differing.subtracting(["recipe"]).sorted().first else {
      return differing.isEmpty
        ? nil : ("a recipe that means the same in other words (SHA-256 \(one.recipe))", "SHA-256 \(frozen.recipe)")
    }
    return ("\(key) \(mine[key] ?? "nothing")", other[key] ?? "nothing")
  }

  /// Every value of a study by the path to it.
  private static func values(of study: Study) -> [String: String] {
    var values: [String: String] = [:]
    func collect(_ node: Any, _ path: String) {
      switch node {
      case let keys as [String: Any]: for (key, value) in keys { collect(value, path.isEmpty ? key : "\(path).\(key)") }
      case let list as [Any]:
        values["\(path).count"] = "\(list.count)"
        for (index, value) in list.enumerated() { collect(value, "\(path)[\(index)]") }
      default: values[path] = "\(node)"
      }
    }
    if let object = try? JSONSerialization.jsonObject(with: Data(JSONFile.encode(study).utf8)) { collect(object, "") }
    return values
  }
}
