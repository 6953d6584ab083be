import Foundation
import Raster
import Storage
import TestSupport
import Testing

@testable import Images

@Suite("CIFAR-100 has two labels an image")
struct CIFAR100Tests {
  /// Row r has superclass r mod 20, class r mod 100, and pixels that depend on channel and place.
  private func write(to folder: URL) throws {
    for (name, count) in [("train", 500), ("test", 200)] {
      var data = Data(capacity: count * 3074)
      for row in 0..<count {
        data.append(contentsOf: [UInt8(row % 20), UInt8(row % 100)])
        for channel in 0..<3 { data.append(Data(repeating: UInt8((row + 80 * channel) % 251), count: 1024)) }
      }
      try data.write(to: folder.appendingPathComponent("\(name).bin"))
    }
    try names("fine", 100, in: folder)
    try names("coarse", 20, in: folder)
  }

  private func names(_ kind: String, _ count: Int, in folder: URL) throws {
    try WholeFile.write(
      (0..<count).map { "\(kind) \($0)\n" }.joined(), to: folder.appendingPathComponent("\(kind)_label_names.txt"))
  }

  private func read(_ folder: URL, _ labels: Dataset.CIFAR100Labels = .fine) throws -> Dataset {
    try Dataset.cifar100(in: folder, labels: labels, trainRows: 500, testRows: 200)
  }

  @Test func `fine and coarse, and every way in which the files can be wrong`() throws {
    try withTemporaryFolder { folder in
      try write(to: folder)
      let fine = try read(folder)
      #expect((fine.train.count, fine.test.count, fine.classNames.count) == (500, 200, 100))
      #expect(fine.train.labels[423] == 23 && fine.classNames[23] == "fine 23")
      let pixel = fine.test.image(7)[31, 31]
      #expect((pixel.red, pixel.green, pixel.blue) == (7, 87, 167))
      let coarse = try read(folder, .coarse)
      #expect((coarse.classNames.count, coarse.train.labels[423]) == (20, 3))
      #expect(coarse.name == "cifar100-coarse" && coarse.sha256 != fine.sha256)

      func fails(_ words: String, labels: Dataset.CIFAR100Labels = .fine) {
        #expect {
          try read(folder, labels)
        } throws: { "\($0)".contains(words) }
      }
      try names("fine", 99, in: folder)
      fails("fine_label_names.txt: found 99 lines, 99 different; expected 100 different names")
      try names("fine", 100, in: folder)
      let file = folder.appendingPathComponent("test.bin")
      var data = try Data(contentsOf: file)
      data[3 * 3074] = 20
      try data.write(to: file)
      fails("test.bin: found label 20 in row 3; expected labels 0 to 19", labels: .coarse)
      // The other label is as it should be.
      #expect(try read(folder).test.count == 200)
      try data.dropLast().write(to: file)
      #expect(throws: FileError.self) { try Dataset.cifar100(in: folder) }
      fails("test.bin: found 614799 bytes; expected 614800 bytes of CIFAR-100")
    }
  }
}

@Suite("MNIST and Fashion-MNIST come from IDX files")
struct MNISTTests {
  private func idx(_ shape: [Int], _ values: [UInt8]) -> Data {
    var data = Data([0, 0, 8, UInt8(shape.count)])
    for extent in shape { withUnsafeBytes(of: UInt32(extent).bigEndian) { data.append(contentsOf: $0) } }
    return data + Data(values)
  }

  private func write(to folder: URL, labels: [UInt8] = [3, 9]) throws {
    let pixels = (0..<2 * 784).map { UInt8($0 % 251) }
    for split in ["train", "t10k"] {
      try idx([2, 28, 28], pixels).write(to: folder.appendingPathComponent("\(split)-images-idx3-ubyte"))
      try idx([labels.count], labels).write(to: folder.appendingPathComponent("\(split)-labels-idx1-ubyte"))
    }
  }

  @Test func `grey becomes three channels inside a black border`() throws {
    try withTemporaryFolder { folder in
      try write(to: folder)
      let dataset = try Dataset.fashionMNIST(in: folder)
      #expect((dataset.train.width, dataset.train.height) == (32, 32))
      #expect(dataset.train.labels == [3, 9] && dataset.classNames[9] == "Ankle boot")
      let image = dataset.test.image(1)
      for y in 0..<32 {
        for x in 0..<32 {
          let isInside = (2..<30).contains(x) && (2..<30).contains(y)
          let value = isInside ? UInt8((784 + (y - 2) * 28 + x - 2) % 251) : 0
          #expect(image[x, y] == (value, value, value))
        }
      }
      #expect(dataset.normalization == Normalization(of: dataset.train))
      #expect(try Dataset.mnist(in: folder).classNames == (0..<10).map(String.init))
    }
  }

  @Test func `packed files are the same images`() throws {
    try withTemporaryFolder { folder in
      try write(to: folder)
      let plain = try Dataset.mnist(in: folder)
      for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
        let gzip = Process()
        gzip.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        gzip.arguments = ["gzip", folder.appendingPathComponent(name).path]
        try gzip.run()
        gzip.waitUntilExit()
      }
      #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("t10k-images-idx3-ubyte").path))
      #expect(try Dataset.mnist(in: folder).sha256 == plain.sha256)
      // Cut short it is named.
      let file = folder.appendingPathComponent("t10k-images-idx3-ubyte.gz")
      try Data(contentsOf: file).dropLast(20).write(to: file)
      #expect { try Dataset.mnist(in: folder) } throws: { "\($0)".contains("t10k-images-idx3-ubyte.gz: found a gzip") }
    }
  }

  @Test func `what is no IDX file of this kind is named`() throws {
    try withTemporaryFolder { folder in
      func fails(_ words: String) {
        #expect { try Dataset.mnist(in: folder) } throws: { "\($0)".contains(words) }
      }
      fails("train-images-idx3-ubyte.gz: not found")
      try write(to: folder, labels: [3, 10])
      fails("train-labels-idx1-ubyte: found label 10 in row 1; expected labels 0 to 9")
      try write(to: folder, labels: [3])
      fails("train-labels-idx1-ubyte: found 1 labels; expected 2, one for each image")
      let images = folder.appendingPathComponent("train-images-idx3-ubyte")
      try idx([2, 27, 28], Array(repeating: 0, count: 2 * 27 * 28)).write(to: images)
      fails("found images of 28 × 27; expected 28 × 28")
      try idx([2, 28, 28], [1, 2, 3]).write(to: images)
      fails("found 3 values; expected 1568")
      try idx([1 << 31, 1 << 31, 1 << 31], []).write(to: images)
      fails("found a shape of")
      try Data([0, 0, 13, 3]).write(to: images)
      fails("found a header of 0 0 13 3; expected 0 0 8 3")
    }
  }
}

@Suite("Held-out images are always the same ones")
struct SplitTests {
  @Test func `a share of each class, whatever the order`() {
    let names = (0..<100).map { "image \($0)" }
    let labels = (0..<100).map { $0 < 70 ? 0 : $0 < 99 ? 1 : 2 }
    let parts = HeldOut(names: names, labels: labels, share: 0.1)
    #expect(parts.heldOut.count { labels[$0] == 0 } == 7 && parts.heldOut.count { labels[$0] == 1 } == 3)
    // The only image of a class stays.
    #expect(parts.kept.last == 99 && (parts.kept + parts.heldOut).sorted() == Array(0..<100))
    let reversed = HeldOut(names: names.reversed(), labels: labels.reversed(), share: 0.1)
    #expect(Set(reversed.heldOut.map { 99 - $0 }) == Set(parts.heldOut))
    // The rank is the SHA-256 of the name: of images 0 to 9 it is smallest for this one.
    let ranks = (0..<10).map { Data("image \($0)".utf8).sha256 }
    #expect(
      HeldOut(names: Array(names[..<10]), labels: Array(labels[..<10]), share: 0.1).heldOut == [
        ranks.firstIndex(of: ranks.min()!)!
      ])
  }

  @Test func `validation images stand in for test images, and the record says so`() throws {
    let dataset = Dataset.portraits(trainCount: 100, testCount: 20).holdingOut(0.2)
    #expect((dataset.train.count, dataset.validation?.count, dataset.test.count) == (80, 20, 20))
    let record = dataset.record
    #expect(record.train.ofEachClass == Array(repeating: 8, count: 10))
    #expect(record.test != record.validation && record.validation?.ofEachClass == Array(repeating: 2, count: 10))
    let chosen = dataset.evaluatedOnValidation()
    #expect(chosen.record.test == record.validation && chosen.record.train == record.train)
    #expect(chosen.test.factors?.values.count == 20)
    #expect(Dataset.portraits(trainCount: 100, testCount: 20).holdingOut(0.2).record == record)
    #expect(dataset.firstOfEachClass(3).train.count == 30)
  }
}
