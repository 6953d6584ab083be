//  What of a study is kept for others: everything that a comparison is computed from, in files small enough to commit.

internal import Foundation
public import Storage

extension StudyFolder {
  /// What was copied.
  public struct Export: Sendable, Equatable {
    public let bytes: Int
    /// Finished runs; the others are not in the copy.
    public let runs: Int
  }

  /// Copies a study without weights: recipe, study.json, and of each finished run configuration (with the path of the
  /// images as the recipe has it), environment, digests of the images, state, metrics and its logits as half-precision
  /// numbers. `isda compare` reads the copy like the study itself; errors and everything made of decisions come out the
  /// same, probabilities to three digits. A copy of an unfinished study is an unfinished study, which `isda study` goes on
  /// with.
  /// - Throws: `FileError`, for a study without a finished run too.
  public func export(to target: StudyFolder) throws(FileError) -> Export {
    let study = try study()
    try requireFrozenRecipe(study)
    let finished = study.runs.filter { folder(of: $0).isFinished }
    guard !finished.isEmpty else {
      throw .malformed(path: url.path, found: "no finished run", expected: "one; `isda study` makes them")
    }
    var written: [URL] = []
    func copy(_ source: URL, _ destination: URL) throws(FileError) {
      try WholeFile.write(WholeFile.read(source, expected: "a file of the study"), to: destination)
      written.append(destination)
    }
    for run in finished {
      let (from, to) = (folder(of: run), target.folder(of: run))
      var configuration = try from.configuration()
      // Where the images lay on this machine is nobody's business.
      configuration.images.data = run.configuration.images.data
      try JSONFile.write(configuration, to: to.configurationFile)
      written.append(to.configurationFile)
      for file in [\RunFolder.environmentFile, \.metricsFile, \.metricsTable] {
        try copy(from[keyPath: file], to[keyPath: file])
      }
      // Runs of older versions have none.
      if FileManager.default.fileExists(atPath: from.dataFile.path) { try copy(from.dataFile, to.dataFile) }
      try Safetensors(contentsOf: from.predictions).halvedPredictions(from.predictions).write(to: to.predictions)
      written.append(to.predictions)
      // Last, because it says that the run is finished.
      try copy(from.stateFile, to.stateFile)
    }
    try copy(recipeFile, target.recipeFile)
    try copy(studyFile, target.studyFile)
    let sizes = written.map { (try? $0.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0 }
    return Export(bytes: sizes.reduce(0, +), runs: finished.count)
  }
}

extension Safetensors {
  /// Logits as F16 and labels as U8. A softmax knows only differences of logits, so each row is moved to a largest
  /// logit of 0, where half-precision numbers lie closest; no other logit of the row becomes 0, so decisions stay.
  fileprivate func halvedPredictions(_ file: URL) throws(FileError) -> Safetensors {
    // Of a study that began as a copy.
    if arrays["logits"]?.elementType == .float16, arrays["labels"]?.elementType == .uint8 { return self }
    guard let logits = arrays["logits"], let labels = arrays["labels"], logits.elementType == .float32,
      labels.elementType == .int64, logits.shape.count == 2, logits.shape[1] <= 256, logits.shape[1] > 0
    else {
      throw .malformed(
        path: file.path, found: "no logits [images, classes] as F32 with labels as I64",
        expected: "the predictions of a finished run, with at most 256 classes")
    }
    let classCount = logits.shape[1]
    let values = [Float](unsafeUninitializedCapacity: logits.bytes.count / 4) { buffer, count in
      count = logits.bytes.copyBytes(to: buffer) / 4
    }
    let classes = [Int64](unsafeUninitializedCapacity: labels.bytes.count / 8) { buffer, count in
      count = labels.bytes.copyBytes(to: buffer) / 8
    }
    var halves: [Float16] = []
    halves.reserveCapacity(values.count)
    for start in stride(from: 0, to: values.count, by: classCount) {
      let row = values[start..<start + classCount]
      let largest = row.max() ?? 0
      for value in row {
        let difference = value - largest
        halves.append(
          difference == 0 ? 0 : min(max(Float16(difference), -.greatestFiniteMagnitude), -.leastNonzeroMagnitude))
      }
    }
    return Safetensors(arrays: [
      "logits": StoredArray(.float16, shape: logits.shape, bytes: halves.withUnsafeBytes { Data($0) }),
      "labels": StoredArray(.uint8, shape: labels.shape, bytes: Data(classes.map { UInt8(truncatingIfNeeded: $0) })),
    ])
  }
}
