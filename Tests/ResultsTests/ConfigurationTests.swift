import Foundation
import Storage
import Testing

@testable import Results

private func configuration(
  _ loss: RunConfiguration.Loss = .ce, augmentation: String? = nil, epochs: Int = 160
) throws -> RunConfiguration {
  let choice = try augmentation.map { try #require(RunConfiguration.Augmentation(rawValue: $0)) } ?? .standard
  return RunConfiguration(
    images: DatasetChoice(name: "portraits"), network: "resnet8", loss: loss, epochs: epochs, augmentation: choice)
}

@Suite("An augmentation is written in words")
struct AugmentationChoiceTests {
  @Test(
    "what means the same reads the same, in the order of application",
    arguments: [
      ("none", "none"), ("flip,crop", "crop,flip"), ("crop:3:zero", "crop:3:zero"),
      ("cutout,autoaugment,flip,crop:4", "crop:4,flip,autoaugment:cifar10,cutout:16"),
      ("autoaugment:imagenet", "autoaugment:imagenet"), ("randaugment:2:10", "randaugment:2:10"),
      ("mixup", "mixup:1:1"), ("cutmix", "cutmix:1:0.5"), ("cutmix:0.2:1,flip", "flip,cutmix:0.2:1"),
      ("rotate:15.0,translate:2.5", "translate:2.5,rotate:15"), ("jitter:0.4", "jitter:0.4"),
      ("jitter:0.4:30,cutout:8", "jitter:0.4:30,cutout:8"),
    ])
  func canonical(words: String, expected: String) throws {
    let choice = try #require(RunConfiguration.Augmentation(rawValue: words))
    #expect(choice.rawValue == expected)
    #expect(RunConfiguration.Augmentation(rawValue: expected) == choice)
  }

  @Test func `other words, values out of bounds, and a part twice are refused`() {
    for words in [
      "", "crop,", ",flip", "Crop", "crop:0", "crop:17", "crop:x", "crop:4:black", "crop:4:zero:1", "flip:1",
      "flip,flip",
      "none,flip", "translate", "translate:0", "translate:17", "rotate", "rotate:181", "rotate:nan", "jitter",
      "jitter:1.5",
      "jitter:0.1:200", "autoaugment:svhn", "randaugment", "randaugment:2", "randaugment:0:5", "randaugment:2:31",
      "autoaugment,randaugment:2:5", "cutout:1", "cutout:8:8", "mixup:0", "mixup:1:0", "mixup:1:1.1", "mixup,cutmix",
      "cutmix:inf", "mixup:1:1:1", "crop flip", "cutout, flip",
    ] {
      #expect(RunConfiguration.Augmentation(rawValue: words) == nil, "\(words)")
    }
  }

  @Test func `crops have the padding that the number of epochs asks for, everywhere`() throws {
    for (words, short, long) in [
      ("crop,flip", "crop:2,flip", "crop:4,flip"), ("crop,cutout", "crop:2,cutout:16", "crop:4,cutout:16"),
      ("crop:3", "crop:3", "crop:3"), ("flip", "flip", "flip"),
    ] {
      #expect(try configuration(augmentation: words, epochs: 20).augmentation.rawValue == short)
      #expect(try configuration(augmentation: words, epochs: 21).augmentation.rawValue == long)
    }
    #expect(try configuration(epochs: 20).augmentation.rawValue == "crop:2,flip")
  }

  @Test func `configurations of older versions are read as what they did`() throws {
    let text = JSONFile.encode(try configuration())
    #expect(text.contains(#""augmentation" : "crop:4,flip""#) && !text.contains("augment\""), "\(text)")
    #expect(try JSONFile.decode(RunConfiguration.self, from: Data(text.utf8)) == configuration())
    for (former, expected) in [
      (#""augment": true, "cropPadding": 3"#, "crop:3,flip"), (#""augment": true"#, "crop:4,flip"),
      (#""augment": true, "cropPadding": 0"#, "flip"), (#""augment": false, "cropPadding": 4"#, "none"),
    ] {
      let old = text.replacingOccurrences(of: #""augmentation" : "crop:4,flip""#, with: former)
      try #require(old != text)
      #expect(try JSONFile.decode(RunConfiguration.self, from: Data(old.utf8)).augmentation.rawValue == expected)
    }
    for wrong in [#""augmentation": "crop:99""#, #""augmentation": 4"#, #""cropPadding": 4"#] {
      let bad = text.replacingOccurrences(of: #""augmentation" : "crop:4,flip""#, with: wrong)
      #expect(throws: (any Error).self) { try JSONFile.decode(RunConfiguration.self, from: Data(bad.utf8)) }
    }
  }
}

@Suite("A loss is a word, and an arm is named by it")
struct LossChoiceTests {
  @Test(
    "with what is published where nothing else is given",
    arguments: [
      ("ce", "ce"), ("isda", "isda"), ("explicit:20", "explicit:20"), ("smoothing", "smoothing:0.1"),
      ("focal", "focal:2.0"), ("focal:0.5", "focal:0.5"), ("lsoftmax", "lsoftmax:4"), ("lsoftmax:2", "lsoftmax:2"),
      ("disturb", "disturb:0.1"), ("lq", "lq:0.7"), ("lq:1", "lq:1.0"), ("center", "center:0.003"),
    ])
  func words(word: String, expected: String) throws {
    let loss = try #require(RunConfiguration.Loss(rawValue: word))
    #expect(loss.rawValue == expected && RunConfiguration.Loss(rawValue: expected) == loss)
  }

  @Test func `others are refused`() {
    for word in [
      "", "CE", "ce:1", "isda:2", "explicit", "smoothing:0", "smoothing:1", "focal:0", "focal:-1", "focal:x",
      "focal:1:2",
      "lsoftmax:1", "lsoftmax:5", "lsoftmax:2.5", "disturb:0", "disturb:1", "lq:0", "lq:1.1", "center:0", "center:inf",
      "center:",
    ] {
      #expect(RunConfiguration.Loss(rawValue: word) == nil, "\(word)")
    }
  }

  @Test func `arms are named by the loss and by what is not the standard augmentation`() throws {
    func name(_ loss: RunConfiguration.Loss, _ augmentation: String? = nil, epochs: Int = 160) throws -> String {
      try configuration(loss, augmentation: augmentation, epochs: epochs).armName
    }
    #expect(try name(.ce) == "cross-entropy" && name(.isda) == "ISDA λ₀=0.5")
    var strong = try configuration(.isda)
    strong.lambda = 1
    #expect(strong.armName == "ISDA λ₀=1")
    #expect(try name(.ce, "crop:4,flip") == "cross-entropy" && name(.ce, "crop:2,flip", epochs: 20) == "cross-entropy")
    #expect(try name(.ce, "crop:4,flip", epochs: 20) == "cross-entropy, crop:4 + flip")
    #expect(try name(.isda, "none") == "ISDA λ₀=0.5, no augmentation")
    #expect(try name(.isda, "crop,flip,cutout") == "ISDA λ₀=0.5, cutout:16")
    #expect(try name(.focal(2), "flip,mixup") == "focal γ=2.0, flip + mixup:1:1")
    let losses: [RunConfiguration.Loss] = [
      .ce, .isda, .explicit(draws: 3), .smoothing(0.1), .focal(2), .largeMargin(4), .disturbed(0.1), .generalized(0.7),
      .center(0.003),
    ]
    #expect(Set(try losses.map { try name($0) }).count == losses.count)
  }

  @Test func `an arm has no settings of covariances without them`() throws {
    for loss in [RunConfiguration.Loss.ce, .smoothing(0.1), .center(1)] {
      let settings = try configuration(loss).armSettings
      #expect(settings["lambda"] == nil && settings["covariance"] == nil)
      #expect(settings["loss"] == loss.rawValue && settings["augmentation"] == "crop:4,flip")
    }
    #expect(try configuration(.isda).armSettings["lambda"] == "0.5")
  }

  @Test func `what keeps statistics of classes needs batches that are not mixed`() throws {
    for loss in [RunConfiguration.Loss.isda, .explicit(draws: 2), .center(0.1)] {
      let fault = try #require(try configuration(loss, augmentation: "crop,flip,mixup").fault)
      #expect(fault.key == "augmentation" && fault.value == "crop:4,flip,mixup:1:1")
      #expect(fault.expected.contains("below 1 of mixup") && fault.expected.contains(loss.rawValue))
      #expect(try configuration(loss, augmentation: "mixup:1:0.5").fault == nil)
      #expect(try configuration(loss, augmentation: "cutmix").fault == nil)
    }
    #expect(try configuration(.ce, augmentation: "mixup").fault == nil)
    #expect(try configuration(.largeMargin(2), augmentation: "cutmix:1:1").fault == nil)
  }
}
