//  PNG and JPEG files of every kind become the pixels that Pillow makes of them; parts become the sizes that it makes.

import Foundation
import Raster
import Storage
import Testing

struct PictureReferences: Decodable {
  struct Picture: Decodable, CustomTestStringConvertible {
    let name: String
    let file: Data
    let width: Int
    let height: Int
    let pixels: [UInt8]
    let tolerance: Int
    var testDescription: String { name }
  }
  struct Source: Decodable {
    let width: Int
    let height: Int
    let pixels: [UInt8]
  }
  struct Resize: Decodable {
    let box: [Double]
    let width: Int
    let height: Int
    let pixels: [UInt8]
  }
  let pictures: [Picture]
  let source: Source
  let resizes: [Resize]

  static let all: PictureReferences = {
    guard let url = Bundle.module.url(forResource: "pictures", withExtension: "json", subdirectory: "Fixtures"),
      let data = try? Data(contentsOf: url), let all = try? JSONDecoder().decode(PictureReferences.self, from: data)
    else { fatalError("no Fixtures/pictures.json as Scripts/reference/pictures.py makes it") }
    return all
  }()

  static func file(_ name: String) throws -> Data { try #require(all.pictures.first { $0.name == name }).file }
}

private func largestDifference(_ a: [UInt8], _ b: [UInt8]) -> Int {
  a.count == b.count ? zip(a, b).map { abs(Int($0) - Int($1)) }.max() ?? 0 : .max
}

@Suite("Pictures of every kind come out right")
struct PictureTests {
  @Test(arguments: PictureReferences.all.pictures)
  func `as Pillow reads it`(picture: PictureReferences.Picture) throws {
    let image = try Image(decoding: picture.file, name: picture.name)
    #expect((image.width, image.height) == (picture.width, picture.height))
    #expect(largestDifference(image.pixels, picture.pixels) <= picture.tolerance)
    let size = try Image.size(of: picture.file, name: picture.name)
    #expect((size.width, size.height) == (picture.width, picture.height))
  }

  @Test func `every kind is there`() {
    #expect(PictureReferences.all.pictures.count == 35)
  }

  @Test func `a shrunk picture is the means of its blocks`() throws {
    let data = try PictureReferences.file("JPEG, all colours kept")
    let whole = try Image(decoding: data, name: "whole")
    for shrink in [2, 4, 8] {
      let small = try Image(decoding: data, name: "small", shrink: shrink)
      #expect(small.width == (21 + shrink - 1) / shrink && small.height == (13 + shrink - 1) / shrink)
      let means = whole.resized(
        Box(x: 0, y: 0, width: Double(21 / shrink * shrink), height: Double(13 / shrink * shrink)),
        width: 21 / shrink, height: 13 / shrink)
      for y in 0..<means.height {
        for x in 0..<means.width { #expect(abs(Int(small[x, y].green) - Int(means[x, y].green)) < 16) }
      }
    }
  }

  @Test func `parts of a picture at other sizes, up to one grey level`() {
    let references = PictureReferences.all
    let source = Image(
      width: references.source.width, height: references.source.height, pixels: references.source.pixels)
    for resize in references.resizes {
      let box = Box(x: resize.box[0], y: resize.box[1], width: resize.box[2], height: resize.box[3])
      let image = source.resized(box, width: resize.width, height: resize.height)
      #expect(largestDifference(image.pixels, resize.pixels) <= 1, "\(box) to \(resize.width) × \(resize.height)")
    }
    let whole = Box(x: 0, y: 0, width: Double(source.width), height: Double(source.height))
    #expect(source.resized(whole, width: source.width, height: source.height) == source)
    #expect(source.mirrored.mirrored == source && source.mirrored[0, 3] == source[source.width - 1, 3])
  }
}

@Suite("Files that are no whole picture are refused by name")
struct BrokenPictureTests {
  private func refused(_ data: Data, _ name: String, saying words: String? = nil) {
    #expect {
      try Image(decoding: data, name: name)
    } throws: { error in
      guard case .malformed(name, let found, _) = error as? FileError else { return false }
      return !found.isEmpty && words.map(found.contains) ?? true
    }
  }

  @Test(arguments: ["JPEG", "JPEG, progressive", "JPEG, CMYK", "colour", "palette, interlaced"])
  func `cut short anywhere`(name: String) throws {
    let data = try PictureReferences.file(name)
    for length in stride(from: 0, to: data.count - 2, by: 7) { refused(data.prefix(length), "cut/\(name)") }
  }

  @Test func `neither PNG nor JPEG`() {
    refused(Data("GIF89a of long ago".utf8), "old.gif", saying: "neither")
    refused(Data(), "empty.jpg", saying: "empty")
  }

  @Test func `a JPEG that claims a vast size takes no memory for it`() throws {
    var data = [UInt8](try PictureReferences.file("JPEG"))
    let frame = try #require(data.indices.dropLast(10).first { data[$0] == 0xFF && data[$0 + 1] == 0xC0 })
    data.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xDC, 0xFF, 0xDC])
    refused(Data(data), "bomb.jpg", saying: "65500 x 65500")
    #expect(throws: FileError.self) { try Image(decoding: Data(data), name: "bomb.jpg", limit: 1 << 20) }
  }

  @Test func `damage within a picture is an error and not grey pixels`() throws {
    let data = try PictureReferences.file("JPEG, all colours kept")
    let scan = try #require(data.indices.dropLast().last { data[$0] == 0xFF && data[$0 + 1] == 0xDA })
    var damaged = data
    // A marker where the picture should go on.
    damaged.replaceSubrange(scan + 60..<scan + 62, with: [0xFF, 0xD9])
    refused(damaged, "damaged.jpg")
  }
}
