//  Files that were packed with gzip (RFC 1952), unpacked in memory by zlib up to a size that the caller can bear.

internal import CZlib
public import Foundation

extension Data {
  /// Whether the bytes begin as a gzip file does.
  public var isGzip: Bool { starts(with: [0x1F, 0x8B]) }

  /// What a gzip file holds, all of its members one after the other.
  /// - Parameters:
  ///   - limit: more bytes than this are refused, however few were packed.
  ///   - name: stands for the file in an error.
  /// - Throws: `FileError.malformed` with zlib's reason: damaged, cut short, or above the limit.
  public func gunzipped(limit: Int, name: String) throws(FileError) -> Data {
    func malformed(_ found: String) -> FileError {
      .malformed(path: name, found: found, expected: "a gzip file of at most \(limit) bytes unpacked")
    }
    var stream = z_stream()
    // 15 bits of window, and 16 for gzip's header.
    guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw malformed("no memory to unpack it")
    }
    defer { inflateEnd(&stream) }
    var result = Data()
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    let fault: String? = withUnsafeBytes { input in
      // zlib reads through a pointer that is not const, and writes nothing there.
      stream.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
      // Counts are 32 bits wide, so the input goes in by pieces.
      var waiting = input.count
      while true {
        if stream.avail_in == 0 {
          stream.avail_in = UInt32(Swift.min(waiting, 1 << 30))
          waiting -= Int(stream.avail_in)
        }
        let (status, made) = chunk.withUnsafeMutableBufferPointer { output -> (Int32, Int) in
          (stream.next_out, stream.avail_out) = (output.baseAddress, UInt32(output.count))
          let status = inflate(&stream, Z_NO_FLUSH)
          return (status, output.count - Int(stream.avail_out))
        }
        guard result.count + made <= limit else { return "more than \(limit) bytes" }
        result.append(contentsOf: chunk[..<made])
        let isAtEnd = stream.avail_in == 0 && waiting == 0
        switch status {
        case Z_OK, Z_BUF_ERROR:
          if isAtEnd && made < chunk.count { return "a gzip stream that ends early" }
        case Z_STREAM_END:
          if isAtEnd { return nil }
          guard inflateReset(&stream) == Z_OK else { return "no memory to unpack it" }
        default: return "damaged gzip (\(stream.msg.map { String(cString: $0) } ?? "status \(status)"))"
        }
      }
    }
    if let fault { throw malformed(fault) }
    return result
  }
}
