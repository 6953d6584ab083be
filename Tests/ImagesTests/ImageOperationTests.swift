import Foundation
import TestSupport
import Testing
import Torch

@testable import Images

/// The pictures that Scripts/reference/augmentation.py works on.
private struct Picture: Decodable {
  let width, height: Int
  let pixels: Data

  static let all: [Picture] = references("pictures", in: .module)
  /// All of them, N×H×W×3.
  static var tensor: Tensor {
    Tensor(
      bytes: all.flatMap { [UInt8]($0.pixels) }, elementType: .uint8,
      shape: [all.count, all[0].height, all[0].width, 3])
  }
}

/// What Pillow makes of them.
private struct Reference: Decodable, CustomTestStringConvertible {
  let operation: String
  let amounts: [Double]
  let expected: Data
  /// Of its own, where it is not made of all pictures.
  let picture: Picture?

  var testDescription: String { "\(operation) \(amounts)\(picture == nil ? "" : " of a large picture")" }
  static let all: [Reference] = references("operations", in: .module)
}

private let fill: [UInt8] = [125, 123, 114]

@Suite("Operations on images are Pillow's", .leavesNoTensors)
struct ImageOperationReferenceTests {
  @Test func `the reference is there, for all of them and cutout`() {
    #expect(
      Set(Reference.all.map(\.operation))
        == Set(ImageOperation.allCases.map(\.rawValue)).subtracting(["identity"]).union(["cutout"]))
    #expect(Picture.all.count == 4)
  }

  @Test(arguments: Reference.all) fileprivate func `to one grey level`(reference: Reference) throws {
    let images =
      reference.picture.map {
        Tensor(bytes: [UInt8]($0.pixels), elementType: .uint8, shape: [1, $0.height, $0.width, 3])
      } ?? Picture.tensor
    let count = images.shape[0]
    let result: Tensor
    if let operation = ImageOperation(rawValue: reference.operation) {
      result = operation(images, amounts: Array(repeating: reference.amounts[0], count: count), fill: fill)
    } else {
      // Numbers that draw the wanted middle.
      let middle = [(reference.amounts[1] + 0.5) / 10, (reference.amounts[2] + 0.5) / 13].map(Float.init)
      result = Cutout(side: Int(reference.amounts[0]), fill: fill)(
        images, numbers: UniformNumbers((0..<count).flatMap { _ in middle }, each: 2))
    }
    let (found, expected) = (result.array(of: UInt8.self), [UInt8](reference.expected))
    #expect(result.shape == images.shape && found.count == expected.count)
    let apart = zip(found, expected).map { abs(Int($0) - Int($1)) }
    // Pixels are moved, covered and looked up exactly; only blends may round otherwise.
    let blends = ["contrast", "color", "brightness", "sharpness"].contains(reference.operation)
    #expect((apart.max() ?? 0) <= (blends ? 1 : 0), "\(apart.count { $0 > 0 }) of \(apart.count) bytes differ")
    #expect(apart.count { $0 > 0 } * 100 <= apart.count)
  }

  @Test func `many images with amounts of their own are each by itself`() {
    let images = Picture.tensor
    for operation in ImageOperation.allCases {
      let amounts: [Double] =
        switch operation {
        case .posterize: [1, 3, 6, 8]
        case .solarize: [0, 60, 140, 256]
        case .translateX, .translateY: [-3, 0, 2, 5]
        default: [-0.3, 0, 0.4, 1.6].map { operation == .rotate ? 20 * $0 : $0 }
        }
      let together = operation(images, amounts: amounts, fill: fill).bytes
      let apart = (0..<4).flatMap { operation(images.slice($0..<$0 + 1), amounts: [amounts[$0]], fill: fill).bytes }
      #expect(together == apart, "\(operation)")
    }
  }

  @Test func `level 0 changes nothing, and 1 is the end of the published range`() {
    let images = Picture.tensor
    for operation in ImageOperation.allCases where ![.invert, .equalize, .autoContrast].contains(operation) {
      for isNegative in [false, true] {
        let amount = operation.amount(level: 0, isNegative: isNegative, width: 13, height: 10)
        #expect(operation(images, amounts: Array(repeating: amount, count: 4)).bytes == images.bytes, "\(operation)")
      }
    }
    func end(_ operation: ImageOperation, _ isNegative: Bool = false) -> Double {
      operation.amount(level: 1, isNegative: isNegative, width: 331, height: 662)
    }
    #expect([.shearX, .shearY].map { end($0) } == [0.3, 0.3] && end(.rotate, true) == -30)
    #expect([end(.translateX, true), end(.translateY)] == [-150, 300])
    #expect([end(.solarize), end(.posterize)] == [0, 4])
    #expect(abs(end(.contrast, true) - 0.1) < 1e-15 && end(.sharpness) == 1.9)
    // Beyond the end it goes on as far as it makes sense.
    #expect(ImageOperation.color.amount(level: 3, isNegative: true, width: 8, height: 8) == 0)
    #expect(ImageOperation.posterize.amount(level: 3, isNegative: false, width: 8, height: 8) == 1)
  }
}

@Suite("Policies are the published ones")
struct PolicyTests {
  private struct Table: Decodable {
    struct Step: Decodable {
      let operation: String
      let probability: Double
      let level: Int?
    }
    let policy: String
    let pairs: [[Step]]
  }

  @Test func `operation by operation`() throws {
    let tables: [Table] = references("policies", in: .module)
    #expect(Set(tables.map(\.policy)) == Set(AutoAugment.Policy.allCases.map(\.rawValue)))
    for table in tables {
      let policy = try #require(AutoAugment.Policy(rawValue: table.policy))
      let expected = table.pairs.map { pair in
        pair.map { AutoAugment.Step(ImageOperation(rawValue: $0.operation) ?? .identity, $0.probability, $0.level) }
      }
      #expect(policy.pairs.map { [$0.0, $0.1] } == expected)
    }
  }
}

@Suite("AutoAugment and RandAugment choose as they say", .leavesNoTensors)
struct ChosenOperationTests {
  @Test func `a pair, each of its operations where its number says so`() {
    let images = Picture.tensor
    // Pair 1 of CIFAR-10's policy: rotate with 0.7 at level 2, translateX with 0.3 at level 9.
    let pair = Float(1.5 / 25)
    let numbers = UniformNumbers(
      [pair, 0.69, 0.9, 0.31, 0] + [pair, 0.71, 0, 0.29, 0.1] + [pair, 0.69, 0.1, 0.29, 0.9] + [
        pair, 0.71, 0, 0.31, 0,
      ],
      each: 5)
    let found = AutoAugment(.cifar10, fill: fill)(images, numbers: numbers)
    func picture(_ index: Int) -> Tensor { images.slice(index..<index + 1) }
    let angle = 30.0 * 2 / 9
    let expected = [
      ImageOperation.rotate(picture(0), amounts: [angle], fill: fill),
      ImageOperation.translateX(picture(1), amounts: [-5], fill: fill),
      ImageOperation.translateX(
        ImageOperation.rotate(picture(2), amounts: [-angle], fill: fill), amounts: [5], fill: fill), picture(3),
    ]
    #expect(found.bytes == Tensor.concatenated(expected).bytes)
  }

  @Test func `of many images about as many of each operation as the policy has`() {
    // Flat pictures in many greys: of the pairs only those that change values leave a mark.
    let count = 4000
    let flat = Tensor.full(100, [count, 3, 3, 3], .uint8)
    func changed(_ change: any RandomChange) -> Double {
      let numbers = UniformNumbers(
        images: count, each: change.numbersPerImage, from: RandomGenerator(seed: 5, change.name))
      let bytes = change(flat, numbers: numbers).array(of: UInt8.self)
      let differ = (0..<count).count { image in bytes[image * 27..<(image + 1) * 27].contains { $0 != 100 } }
      return Double(differ) / Double(count)
    }
    // A flat picture of 100 is changed by brightness (10 of 14 levels aside), solarize below its grey, and posterize. What
    // RandAugment at M = 10 changes: brightness, solarize at 0, posterize to 96: 3 of 14; fill is the grey itself.
    let rand = RandAugment(count: 1, magnitude: 10, fill: [100, 100, 100])
    #expect(abs(changed(rand) - 3.0 / 14) < 0.03)
    let twice = RandAugment(count: 2, magnitude: 10, fill: [100, 100, 100])
    #expect(abs(changed(twice) - (1 - 11.0 * 11 / 196)) < 0.06)
  }

  @Test func `magnitude 0 leaves all but equalize and autoContrast`() {
    // Twice as high and wide, because equalize leaves small pictures as they are.
    let images = [1, 2].reduce(Picture.tensor) { Tensor.concatenated([$0, $0], dimension: $1) }
    let names = RandAugment.operations
    for (index, operation) in names.enumerated() {
      let number = Float((Double(index) + 0.5) / Double(names.count))
      let numbers = UniformNumbers((0..<4).flatMap { _ in [number, 0.2] }, each: 2)
      let found = RandAugment(count: 1, magnitude: 0, fill: fill)(images, numbers: numbers)
      #expect((found.bytes == images.bytes) != [.equalize, .autoContrast].contains(operation), "\(operation)")
    }
  }
}
