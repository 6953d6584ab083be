import Foundation
import Raster
import Storage
import TestSupport
import Testing

@testable import Images

@Suite("CIFAR-10 files are read whole or refused by name")
struct CIFAR10Tests {
  /// Six files whose row r of file f has label (r + f) mod 10 and pixels that depend on channel and place.
  private func write(to folder: URL) throws {
    for (index, name) in (["test_batch"] + (1...5).map { "data_batch_\($0)" }).enumerated() {
      var data = Data(capacity: 10_000 * 3073)
      for row in 0..<10_000 {
        data.append(UInt8((row + index) % 10))
        for channel in 0..<3 { data.append(Data(repeating: UInt8((row + 80 * channel) % 251), count: 1024)) }
      }
      try data.write(to: folder.appendingPathComponent("\(name).bin"))
    }
  }

  @Test func `good files, and every way in which they can be wrong`() throws {
    try withTemporaryFolder { folder in
      try write(to: folder)
      let dataset = try Dataset.cifar10(in: folder)
      #expect((dataset.train.count, dataset.test.count) == (50_000, 10_000))
      #expect(dataset.train.labels[10_003] == UInt8((3 + 2) % 10))
      // Planes become pixels: red, green, blue side by side.
      let pixel = dataset.test.image(7)[31, 31]
      #expect((pixel.red, pixel.green, pixel.blue) == (7, 87, 167))

      let file = folder.appendingPathComponent("data_batch_3.bin")
      let good = try Data(contentsOf: file)
      try good.dropLast().write(to: file)
      #expect {
        try Dataset.cifar10(in: folder)
      } throws: { error in
        "\(error)".contains("data_batch_3.bin: found 30729999 bytes; expected 30730000 bytes")
      }
      var wrongLabel = good
      wrongLabel[5 * 3073] = 10
      try wrongLabel.write(to: file)
      #expect {
        try Dataset.cifar10(in: folder)
      } throws: { error in
        "\(error)".contains("data_batch_3.bin: found label 10 in row 5; expected labels 0 to 9")
      }
      try FileManager.default.removeItem(at: file)
      #expect {
        try Dataset.cifar10(in: folder)
      } throws: { error in
        if case FileError.missing(let path, _)? = error as? FileError { path == file.path } else { false }
      }
    }
  }

  @Test func `the folder above the files is taken too`() throws {
    try withTemporaryFolder { folder in
      let inner = folder.appendingPathComponent("cifar-10-batches-bin")
      try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
      #expect {
        try Dataset.cifar10(in: folder)
      } throws: { error in
        "\(error)".contains("cifar-10-batches-bin/data_batch_1.bin")
      }
    }
  }
}
