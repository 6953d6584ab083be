//  A safetensors file that vouches for itself: the SHA-256 of its contents stands among its texts, so a flipped
//  bit or a lost block is noticed before a number of it is used. Other programs read it like any other.

public import Foundation

extension Safetensors {
  /// Writes the file with a text `sha256`, the digest of the same file without that text.
  /// - Precondition: no text of that name yet.
  public func writeSealed(to url: URL) throws(FileError) {
    precondition(metadata[Self.seal] == nil)
    var sealed = self
    sealed.metadata[Self.seal] = data.sha256
    try sealed.write(to: url)
  }

  /// Reads what `writeSealed` left, and takes the seal off.
  /// - Throws: `FileError.missing`, or `.malformed` if a byte is not as it was written.
  public init(sealedAt url: URL) throws(FileError) {
    try self.init(contentsOf: url)
    guard let seal = metadata.removeValue(forKey: Self.seal), seal == data.sha256 else {
      throw .malformed(
        path: url.path, found: "contents that do not match the file's own SHA-256",
        expected: "the file as it was written")
    }
  }

  private static let seal = "sha256"
}
