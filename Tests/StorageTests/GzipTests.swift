import Foundation
import Storage
import Testing

@Suite("Packed files are unpacked up to a limit")
struct GzipTests {
  /// `printf 'hello hello hello' | gzip -n9`.
  private let packed = Data([
    0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 3, 0xCB, 0x48, 0xCD, 0xC9, 0xC9, 0x57, 0xC8, 0x40, 0x90, 0, 0x80, 0x88, 0xF9, 0xE5,
    0x11, 0, 0, 0,
  ])

  @Test func `whole, and several members one after the other`() throws {
    #expect(packed.isGzip && !Data("hello".utf8).isGzip)
    #expect(try packed.gunzipped(limit: 17, name: "a") == Data("hello hello hello".utf8))
    #expect(try (packed + packed).gunzipped(limit: 34, name: "a").count == 34)
  }

  @Test func `cut, damaged, or too large`() {
    for length in 2..<packed.count {
      #expect(throws: FileError.self) { try packed.prefix(length).gunzipped(limit: 100, name: "cut.gz") }
    }
    var damaged = packed
    damaged[packed.count - 6] ^= 1
    #expect(throws: FileError.self) { try damaged.gunzipped(limit: 100, name: "damaged.gz") }
    #expect {
      try packed.gunzipped(limit: 16, name: "large.gz")
    } throws: { "\($0)" == "large.gz: found more than 16 bytes; expected a gzip file of at most 16 bytes unpacked" }
  }

  @Test func `MD5 is the known one`() {
    #expect(Data("abc".utf8).md5 == "900150983cd24fb0d6963f7d28e17f72")
    #expect(Data().md5 == "d41d8cd98f00b204e9800998ecf8427e")
  }
}
