//  The list of what a run left, with sizes and digests, so that a copy can be checked: `artifacts.json`.

public import Foundation
public import Storage

/// One file of a run.
public struct Artifact: Codable, Sendable, Equatable {
  /// What it is for: the folder that it lies in, or `record` for the files beside them.
  public let kind: String
  /// From the run folder.
  public let path: String
  public let bytes: Int
  public let sha256: String
}

extension RunFolder {
  /// Lists every file of the folder in `artifacts.json`, by path; not those that come and go while a run is unfinished.
  /// - Parameter changed: what was written since the list was made. Only these files, and those that the list lacks, are
  ///   read; features of large sets are gigabytes. Without it all are.
  public func writeArtifacts(changed: [URL]? = nil) throws(FileError) {
    var known: [String: Artifact] = [:]
    if let changed, let list = try? JSONFile.read([Artifact].self, from: artifacts) {
      let written = Set(changed.map(\.standardizedFileURL))
      for artifact in list where !written.contains(url.appendingPathComponent(artifact.path).standardizedFileURL) {
        known[artifact.path] = artifact
      }
    }
    let root = url.standardizedFileURL.resolvingSymlinksInPath().path + "/"
    let found = FileManager.default.enumerator(at: url.resolvingSymlinksInPath(), includingPropertiesForKeys: nil)
    var paths: [String] = []
    while let file = found?.nextObject() as? URL {
      let path = file.standardizedFileURL.path
      guard path.hasPrefix(root), !file.hasDirectoryPath, !file.lastPathComponent.hasPrefix(".") else { continue }
      paths.append(String(path.dropFirst(root.count)))
    }
    var list: [Artifact] = []
    let passing = fullCheckpoints.map { "checkpoints/" + $0.file.lastPathComponent }
    for path in paths.sorted() where path != artifacts.lastPathComponent && !passing.contains(path) {
      if let artifact = known[path] {
        list.append(artifact)
        continue
      }
      let data = try WholeFile.read(url.appendingPathComponent(path), expected: "a file of the run")
      let folders = path.split(separator: "/").dropLast()
      list.append(
        Artifact(
          kind: folders.first.map(String.init) ?? "record", path: path, bytes: data.count, sha256: data.sha256))
    }
    try JSONFile.write(list, to: artifacts)
  }
}
