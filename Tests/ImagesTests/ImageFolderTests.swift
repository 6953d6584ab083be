import Foundation
import Raster
import Storage
import TestSupport
import Testing

@testable import Images

/// A picture that tells its number: a flat colour, and a white corner so that mirroring shows.
func picture(_ number: Int, width: Int = 10, height: Int = 8) -> Image {
  var image = Image(
    width: width, height: height,
    pixels: (0..<width * height).flatMap { _ in [UInt8(number), UInt8(255 - number), UInt8(number / 2)] })
  for channel in 0..<3 { image.pixels[channel] = 255 }
  return image
}

@Suite("Folders of pictures become a data set")
struct ImageFolderTests {
  private func read(
    _ root: URL, size: Int = 8, testShare: Double? = nil, skipsBroken: Bool = false,
    skipped: ((FileError) -> Void)? = nil
  ) throws -> Dataset {
    let options = Dataset.FolderOptions(size: size, testShare: testShare, skipsBroken: skipsBroken)
    return try Dataset.folder(root, options: options) { if case .skipped(let error) = $0 { skipped?(error) } }
  }

  private func write(_ numbers: Range<Int>, _ folder: String, in root: URL) throws {
    for number in numbers {
      try WholeFile.write(
        picture(number).png(), to: root.appendingPathComponent("\(folder)/\(number).png"), durably: false)
    }
  }

  @Test func `classes by name, the middle of each picture, a fifth held out`() throws {
    try withTemporaryFolder { root in
      try write(0..<10, "zebra", in: root)
      try write(10..<25, "ant/deeper", in: root)
      try WholeFile.write("no image", to: root.appendingPathComponent("ant/notes.txt"))
      let dataset = try read(root)
      #expect(dataset.classNames == ["ant", "zebra"])
      #expect((dataset.train.count, dataset.test.count) == (20, 5))
      #expect(dataset.test.labels.count { $0 == 0 } == 3)
      // Eight columns from the second on: the white corner is cut off.
      for (row, label) in dataset.train.labels.enumerated() {
        let image = dataset.train.image(row)
        let number = Int(image[0, 0].red)
        #expect(image == picture(number).resized(Box(x: 1, y: 0, width: 8, height: 8), width: 8, height: 8))
        #expect(label == (number < 10 ? 1 : 0))
      }
      let again = try read(root)
      #expect(again.sha256 == dataset.sha256)
      #expect(try read(root, testShare: 0.4).test.count == 10)
      #expect(FileManager.default.fileExists(atPath: root.path + "/.isda-index.safetensors"))
    }
  }

  @Test func `train, val and test, with attributes in a table`() throws {
    try withTemporaryFolder { root in
      try write(0..<4, "train/a", in: root)
      try write(4..<6, "train/b", in: root)
      try write(6..<8, "val/a", in: root)
      var dataset = try read(root)
      // Without test, val is it.
      #expect((dataset.train.count, dataset.test.count) == (6, 2) && dataset.validation == nil)
      try write(8..<11, "test/b", in: root)
      try WholeFile.write(
        "file_name,label,bright\nb/8.png,b,0.5\nb/9.png,b,1\nb/10.png,b,-1\n",
        to: root.appendingPathComponent("test/metadata.csv"))
      try WholeFile.write(
        (0..<6).map { #"{"wet": \#($0 % 2 == 0), "file_name": "\#($0 < 4 ? "a" : "b")/\#($0).png", "bright": \#($0)}"# }
          .joined(separator: "\n\n"), to: root.appendingPathComponent("train/metadata.jsonl"))
      dataset = try read(root)
      #expect((dataset.validation?.count, dataset.test.labels) == (2, [1, 1, 1]))
      // By name: 10 comes before 8.
      #expect(dataset.test.factors == FactorTable(names: ["bright"], values: [[-1], [0.5], [1]]))
      #expect(dataset.train.factors?.names == ["bright", "wet"])
      #expect(dataset.train.factors?.values[3] == [3, 0] && dataset.train.factors?.values[4] == [4, 1])
      #expect { try read(root, testShare: 0.5) } throws: { "\($0)".contains("found test images of the folder's own") }

      try write(20..<21, "other", in: root)
      #expect { try read(root) } throws: { "\($0)".contains("other: found images beside the folder train") }
    }
  }

  @Test func `labels in a table for images without a folder`() throws {
    try withTemporaryFolder { root in
      try write(0..<6, "", in: root)
      #expect { try read(root) } throws: { "\($0)".contains("0.png: found an image outside of any class") }
      let table = root.appendingPathComponent("metadata.csv")
      let rows = (0..<6).map { "\($0).png,\($0 < 3 ? "low" : "high")\n" }.joined()
      try WholeFile.write("file_name,label\n" + rows, to: table)
      let dataset = try read(root, testShare: 0.34)
      #expect(dataset.classNames == ["high", "low"] && dataset.train.factors == nil)
      #expect((dataset.train.count, dataset.test.count) == (4, 2))
      for (text, words) in [
        ("file_name,label\n" + rows + "7.png,low\n", "found \"7.png\" in line 8, column file_name"),
        ("file_name,label\n" + rows + "0.png,low\n", "expected every image once; it has line 2 already"),
        ("label\nlow\n", "no column file_name"),
        ("file_name,label,x\n" + rows.replacingOccurrences(of: "\n", with: ",n/a\n"), ""),
      ] where !words.isEmpty {
        try WholeFile.write(text, to: table)
        #expect { try read(root) } throws: { "\($0)".contains(words) }
      }
    }
  }

  @Test func `files that do not decode are named and counted, or end it`() throws {
    try withTemporaryFolder { root in
      try write(0..<5, "a", in: root)
      try write(5..<10, "b", in: root)
      let broken = root.appendingPathComponent("a/2.png")
      try picture(2).png().dropLast(20).write(to: broken)
      try Data().write(to: root.appendingPathComponent("b/x.jpg"))
      #expect { try read(root) } throws: { "\($0)".contains("a/2.png: found the file ends early") }
      var skipped: [String] = []
      let dataset = try read(root, skipsBroken: true) { skipped.append("\($0)") }
      #expect(dataset.train.count + dataset.test.count == 9)
      #expect(skipped.count == 2 && skipped[1].contains("b/x.jpg: found an empty file"))
      // Mended it is looked at again.
      try picture(2).png().write(to: broken)
      try FileManager.default.removeItem(atPath: root.path + "/b/x.jpg")
      #expect(try read(root).train.count == 8)
    }
  }

  @Test func `of a million files only what is new is opened again`() throws {
    try withTemporaryFolder { root in
      try write(0..<5, "a", in: root)
      try write(5..<10, "b", in: root)
      func opened() throws -> Int {
        var most = 0
        _ = try ImageIndex(root) { most = max(most, $1) }
        return most
      }
      #expect(try opened() == 10)
      #expect(try opened() == 0)
      try write(10..<12, "b", in: root)
      #expect(try opened() == 2)
      // A damaged index is none.
      let file = root.appendingPathComponent(".isda-index.safetensors")
      var bytes = try Data(contentsOf: file)
      bytes[bytes.count - 5] ^= 1
      try bytes.write(to: file)
      #expect(try opened() == 12)
    }
  }

  @Test func `what is no folder of images is said`() throws {
    try withTemporaryFolder { root in
      #expect { try read(root) } throws: { "\($0)".contains("found no PNG or JPEG file") }
      #expect(throws: FileError.missing(path: root.path + "/no", expected: "a folder of images")) {
        try read(root.appendingPathComponent("no"))
      }
      try write(0..<4, "a", in: root)
      #expect { try read(root) } throws: { "\($0)".contains("found one class, a") }
      try write(0..<4, "train/a", in: root)
      try write(0..<4, "train/b", in: root)
      try FileManager.default.removeItem(atPath: root.path + "/a")
      try write(0..<1, "test/c", in: root)
      #expect { try read(root) } throws: { "\($0)".contains("test/c/0.png: found class c") }
    }
  }
}

@Suite("A folder is looked through")
struct InspectionTests {
  @Test func `pictures: what decodes, what does not, what is in two splits`() throws {
    try withTemporaryFolder { root in
      for (number, name) in ["train/a/1", "train/a/2", "train/b/3", "test/a/4", "test/b/5"].enumerated() {
        try WholeFile.write(picture(number).png(), to: root.appendingPathComponent(name + ".png"))
      }
      let good = try DatasetInspection(of: root) { _, _ in }
      #expect(good.problems.isEmpty && good.remarks.isEmpty)
      #expect(
        good.holds == [.init(dataset: "folder", classes: 2, images: ["train": 3, "test": 2], size: nil)])
      try WholeFile.write(picture(0).png(), to: root.appendingPathComponent("test/b/copy.png"))
      try WholeFile.write(picture(0).png(), to: root.appendingPathComponent("train/b/copy.png"))
      try WholeFile.write("no picture", to: root.appendingPathComponent("test/b/text.png"))
      let bad = try DatasetInspection(of: root) { _, _ in }
      #expect(bad.problems.count == 2 && bad.remarks.count == 1)
      #expect(bad.problems[0].contains("test/b/text.png: does not decode"))
      #expect(bad.problems[1].contains("test/b/copy.png: the same file as train/"))
    }
  }

  @Test func `files of other data sets are told by their names`() throws {
    try withTemporaryFolder { root in
      try Data([1, 2, 3]).write(to: root.appendingPathComponent("test_batch.bin"))
      try Data([1, 2, 3]).write(to: root.appendingPathComponent("train-images-idx3-ubyte.gz"))
      let found = try DatasetInspection(of: root) { _, _ in }
      #expect(found.holds.isEmpty && found.problems.count == 3)
      #expect(found.problems[0].contains("data_batch_1.bin: not found"))
      #expect(found.problems[1].contains("MD5 5289df737df57326fcdd22597afb1fac"))
      #expect(throws: FileError.self) { try DatasetInspection(of: root.appendingPathComponent("no")) { _, _ in } }
    }
  }
}
