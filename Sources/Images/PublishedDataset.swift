//  Where the data sets that everybody compares on are published, and the digests that were published with them.

public import Foundation
public import Storage

/// A data set that can be fetched.
public enum PublishedDataset: String, Sendable, CaseIterable {
  case cifar10
  case cifar100
  case mnist
  case fashionMNIST = "fashion-mnist"

  /// One file of it, as it is published.
  public struct File: Sendable {
    public let name: String
    public let bytes: Int
    public let md5: String
  }

  /// The folder that the files are in.
  public var address: String {
    switch self {
    case .cifar10, .cifar100: "https://www.cs.toronto.edu/~kriz/"
    // The authors' own page no longer gives them to everybody; PyTorch keeps a copy.
    case .mnist: "https://ossci-datasets.s3.amazonaws.com/mnist/"
    case .fashionMNIST: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
    }
  }

  /// Who published the MD5 of the files.
  public var digestSource: String {
    switch self {
    case .cifar10, .cifar100: "www.cs.toronto.edu/~kriz/cifar.html"
    case .mnist: "torchvision.datasets.MNIST; the authors publish none"
    case .fashionMNIST: "github.com/zalandoresearch/fashion-mnist"
    }
  }

  public var files: [File] {
    func idx(_ digests: [(bytes: Int, md5: String)]) -> [File] {
      zip(Self.idxNames, digests).map { File(name: $0, bytes: $1.bytes, md5: $1.md5) }
    }
    return switch self {
    case .cifar10:
      [File(name: "cifar-10-binary.tar.gz", bytes: 170_052_171, md5: "c32a1d4ab5d03f1284b67883e8d87530")]
    case .cifar100:
      [File(name: "cifar-100-binary.tar.gz", bytes: 168_513_733, md5: "03b5dce01913d631647c71ecec9e9cb8")]
    case .mnist:
      idx([
        (9_912_422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"), (28_881, "d53e105ee54ea40749a09fcbcd1e9432"),
        (1_648_877, "9fb629c4189551a2d022fa330f9573f3"), (4_542, "ec29112dd5afa0611ce80d1b7f02629c"),
      ])
    case .fashionMNIST:
      idx([
        (26_421_880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d"), (29_515, "25c81989df183df01b3e8a0aad5dffbe"),
        (4_422_102, "bef4ecab320f06d8554ea6380940ec79"), (5_148, "bb300cfdad3c16e7a12a480ee83cd310"),
      ])
    }
  }

  private static let idxNames = [
    "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
  ]

  /// Reads the data set from a folder.
  public func read(in folder: URL) throws(FileError) -> Dataset {
    switch self {
    case .cifar10: try .cifar10(in: folder)
    case .cifar100: try .cifar100(in: folder)
    case .mnist: try .mnist(in: folder)
    case .fashionMNIST: try .fashionMNIST(in: folder)
    }
  }

  /// Downloads what `folder` does not hold yet, checks it, unpacks archives, and reads the result as a proof.
  /// - Parameters:
  ///   - mirror: in place of `address`.
  ///   - files: in place of `files`, where a mirror has others.
  ///   - progress: called a few times a second with the file's name, the bytes that are there, and all of them.
  /// - Throws: `DownloadError`; `FileError` for other bytes than were published, or a folder that cannot be written;
  ///   what `progress` throws. What has come so far stays, and the next call goes on from it.
  public func fetch(
    into folder: URL, mirror: String? = nil, files: [File]? = nil, progress: (String, Int, Int) throws -> Void
  ) throws -> Dataset {
    guard let address = URL(string: mirror ?? address), address.scheme != nil else {
      throw DownloadError(address: mirror ?? address, reason: "no address, as https://host/folder/ is one")
    }
    try WholeFile.makeFolder(folder)
    return try FolderLock.holding(folder) {
      if let there = try? read(in: folder) { return there }
      for file in files ?? self.files {
        let target = folder.appendingPathComponent(file.name)
        let source = address.appendingPathComponent(file.name)
        try Download(source, to: target, bytes: file.bytes, md5: file.md5).run {
          try progress(file.name, $0, file.bytes)
        }
        if file.name.hasSuffix(".tar.gz") { try unpack(target) }
      }
      return try read(in: folder)
    }
  }

  /// Unpacks an archive beside it by the system's `tar` and removes it. Folders appear whole or not at all.
  private func unpack(_ archive: URL) throws(FileError) {
    let folder = archive.deletingLastPathComponent()
    let partial = folder.appendingPathComponent(".\(archive.lastPathComponent).partial")
    let files = FileManager.default
    try? files.removeItem(at: partial)
    try WholeFile.makeFolder(partial)
    defer { try? files.removeItem(at: partial) }
    let tar = Process()
    tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    tar.arguments = ["tar", "-xzf", archive.path, "-C", partial.path]
    let errors = Pipe()
    tar.standardError = errors
    do {
      try tar.run()
      let said = try errors.fileHandleForReading.readToEnd() ?? Data()
      tar.waitUntilExit()
      guard tar.terminationStatus == 0 else {
        throw FileError.unwritable(
          path: folder.path,
          reason: "tar left with \(tar.terminationStatus): \(String(decoding: said, as: UTF8.self).firstLine)")
      }
      for name in try files.contentsOfDirectory(atPath: partial.path) {
        let target = folder.appendingPathComponent(name)
        try? files.removeItem(at: target)
        try files.moveItem(at: partial.appendingPathComponent(name), to: target)
      }
      try files.removeItem(at: archive)
    } catch let error as FileError {
      throw error
    } catch {
      throw .unwritable(path: folder.path, reason: error.localizedDescription)
    }
  }
}

extension String {
  var firstLine: String { split(whereSeparator: \.isNewline).first.map(String.init) ?? "" }
}
