//  The SHA-256 of a file's bytes: what a figure names its data by, and what a run's list of files records.

internal import CCrypto
public import Foundation

extension Data {
  /// 64 hexadecimal digits.
  public var sha256: String { withUnsafeBytes(hexadecimalDigest) }
}

extension [UInt8] {
  /// 64 hexadecimal digits.
  public var sha256: String { withUnsafeBytes(hexadecimalDigest) }
}

private func hexadecimalDigest(of bytes: UnsafeRawBufferPointer) -> String {
  var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
  _ = SHA256(bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &digest)
  return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
