//  The metrics of a run as TensorBoard reads them: records of length, checksum and a protobuf `Event`, written
//  by hand because five fields of two messages are all that scalars need.
//  Format: tensorflow/core/lib/io/record_writer.h, tensorflow/core/util/event.proto, …/framework/summary.proto.

public import Foundation

/// The bytes of an `events.out.tfevents.*` file.
public enum TensorBoardEvents {
  /// - Parameter started: when the run began; epochs follow by their training times.
  public static func file(_ records: [EpochRecord], started: Date) -> Data {
    var time = started.timeIntervalSince1970
    // Event { 1: wall_time, 3: file_version }
    var file = record(double(1, time) + bytes(3, Data("brain.Event:2".utf8)))
    for record in records {
      time += record.seconds
      let measured: [(String, Double?)] = [
        ("train/loss", record.trainLoss), ("train/error", record.trainError), ("test/loss", record.testLoss),
        ("test/error", record.testError), ("validation/loss", record.validationLoss),
        ("validation/error", record.validationError), ("learning_rate", record.learningRate),
        ("lambda", record.lambda), ("images_per_second", record.imagesPerSecond),
      ]
      let scalars = measured.compactMap { tag, value in value.map { (tag, $0) } }
      // Summary { 1: Value { 1: tag, 2: simple_value } }
      let summary = scalars.map { bytes(1, bytes(1, Data($0.0.utf8)) + float(2, Float($0.1))) }.reduce(Data(), +)
      // Event { 1: wall_time, 2: step, 5: summary }
      file += self.record(double(1, time) + integer(2, UInt64(record.epoch)) + bytes(5, summary))
    }
    return file
  }

  /// Length, its checksum, the payload, its checksum.
  private static func record(_ payload: Data) -> Data {
    let length = littleEndian(UInt64(payload.count))
    return length + littleEndian(maskedChecksum(length)) + payload + littleEndian(maskedChecksum(payload))
  }

  // MARK: Protobuf wire format: a key of field number and wire type, then the value

  private static func integer(_ field: UInt64, _ value: UInt64) -> Data { varint(field << 3) + varint(value) }
  private static func double(_ field: UInt64, _ value: Double) -> Data {
    varint(field << 3 | 1) + littleEndian(value.bitPattern)
  }
  private static func float(_ field: UInt64, _ value: Float) -> Data {
    varint(field << 3 | 5) + littleEndian(value.bitPattern)
  }
  private static func bytes(_ field: UInt64, _ value: Data) -> Data {
    varint(field << 3 | 2) + varint(UInt64(value.count)) + value
  }

  private static func varint(_ value: UInt64) -> Data {
    var (rest, result) = (value, Data())
    while rest >= 0x80 {
      result.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    result.append(UInt8(rest))
    return result
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> Data {
    withUnsafeBytes(of: value.littleEndian) { Data($0) }
  }

  /// CRC-32C (Castagnoli), rotated and offset so that checksums of checksums stay useful.
  static func maskedChecksum(_ data: Data) -> UInt32 {
    var crc: UInt32 = ~0
    for byte in data {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0x82F6_3B78 : 0) }
    }
    crc = ~crc
    return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
  }
}
