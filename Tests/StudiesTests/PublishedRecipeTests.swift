import Foundation
import Results
import Testing

@testable import Studies

@Suite("Published experiments are recipes")
struct PublishedRecipeTests {
  private static let networks = [
    "resnet32", "resnet110", "se-resnet110", "wide-resnet-16-8", "wide-resnet-28-10", "resnext29-8x64d",
    "densenet-bc-100-12", "densenet-bc-190-40", "shake-shake-26-2x32d", "shake-shake-26-2x112d", "resnet50",
    "resnet101",
    "resnet152", "densenet121", "densenet265", "resnext50-32x4d", "resnext101-32x8d",
  ]

  @Test func `each cell of the tables, once`() throws {
    let all = try PublishedRecipe.all(networks: Self.networks)
    #expect(all.count == 13 * 2 * 2 + 7 * 2 && Set(all.map(\.name)).count == all.count)
    #expect(Set(all.map(\.configuration.network)) == Set(Self.networks))
    for recipe in all {
      #expect(recipe.name.hasSuffix("-\(recipe.configuration.loss.rawValue)"))
      #expect(recipe.configuration.seed == 0 && recipe.configuration.images.data == nil)
      #expect(recipe.error > 2 && recipe.error < 35)
    }
  }

  @Test func `with the settings that were published`() throws {
    let all = try PublishedRecipe.all(networks: Self.networks)
    func recipe(_ name: String) throws -> PublishedRecipe { try #require(all.first { $0.name == name }) }
    let deep = try recipe("cifar100/resnet110-isda")
    #expect(deep.error == 27.57 && deep.deviation == 0.46)
    #expect(
      deep.configuration
        == RunConfiguration(
          images: DatasetChoice(name: "cifar100"), network: "resnet110", loss: .isda, lambda: 0.5, epochs: 160,
          batch: 128,
          learningRate: 0.1, weightDecay: 1e-4, schedule: .steps(at: [80, 120], factor: 0.1)))
    #expect(deep.configuration.augmentation.rawValue == "crop:4,flip")
    let wide = try recipe("cifar10/wide-resnet-28-10-cutout-ce")
    #expect(wide.configuration.schedule == .steps(at: [60, 120, 160, 200], factor: 0.2))
    #expect(wide.configuration.augmentation.cutout == 16 && wide.error == 2.99 && wide.deviation == nil)
    let large = try recipe("imagenet/resnet101-isda").configuration
    #expect(large.images.name == "folder" && large.lambda == 5 && large.covariance == .diagonal && !large.nesterov)
    #expect(try recipe("imagenet/resnet101-ce").configuration.covariance == .full)
  }

  /// The same table stands as CSV for `isda compare --summary`.
  @Test func `whose errors are those of the published table`() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../docs/published-cifar.csv").standardizedFileURL
    let all = try PublishedRecipe.all(networks: Self.networks)
    let known = Set(all.filter { $0.deviation != nil }.map { "\($0.error) \($0.deviation ?? 0)" })
    let rows = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst()
    for row in rows {
      let cells = row.split(separator: ",").map(String.init)
      for place in [1, 4] {
        let (mean, deviation) = try (#require(Double(cells[place])), #require(Double(cells[place + 1])))
        #expect(known.contains("\(mean) \(deviation)"), "\(row)")
      }
    }
    #expect(rows.count == 18)
  }

  @Test func `not where a network is missing`() {
    #expect(throws: DecodingError.self) { try PublishedRecipe.all(networks: ["resnet32"]) }
  }
}
