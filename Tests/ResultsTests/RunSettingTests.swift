import Results
import Testing

@Suite("A setting is a word in and out")
struct RunSettingTests {
  @Test func `a configuration is all of its settings`() throws {
    let original = RunConfiguration(
      images: DatasetChoice(
        name: "folder", data: "/images", trainCount: 500, testCount: 40, size: 64, validationShare: 0.1,
        testShare: 0.3,
        evaluateOn: .validation, broken: .skip), network: "resnet20", loss: .focal(1.5),
      lambda: 0.3, lambdaSchedule: .step, covariance: .lowRank(8), retention: 0.9, epochs: 30, batch: 64, seed: 7,
      learningRate: 0.05, momentum: 0.8, nesterov: false, weightDecay: 1e-4,
      schedule: .steps(at: [3, 5], factor: 0.2),
      augmentation: try #require(.init(rawValue: "crop:3,flip,cutout:8,mixup:0.4:0.5")), precision: .float32,
      device: .cpu, threads: 3)
    var copy = RunConfiguration(images: DatasetChoice(name: "portraits"), network: "resnet8", loss: .ce, epochs: 1)
    let settings = RunSetting.all(networks: ["resnet20"])
    for setting in settings {
      let word = try #require(setting.word(original), "\(setting.key)")
      let isSet = setting.set(&copy, word)
      #expect(isSet, "\(setting.key) \(word)")
    }
    #expect(copy == original)
  }

  @Test func `what is none of its values changes nothing`() {
    let original = RunConfiguration(images: DatasetChoice(name: "portraits"), network: "resnet8", loss: .ce, epochs: 1)
    var copy = original
    for setting in RunSetting.all(networks: ["resnet8"]) where setting.key != "data" {
      let isSet = setting.set(&copy, "nonsense")
      #expect(!isSet && !setting.expected.isEmpty, "\(setting.key)")
    }
    #expect(copy == original)
  }

  @Test(
    arguments: [
      ("cosine", "cosine"), ("step", "step"), ("step:60", "step:60:0.1"), ("step:60,120:0.2", "step:60,120:0.2"),
    ])
  func `schedules are read and written`(word: String, full: String) {
    #expect(RunConfiguration.Schedule(rawValue: word)?.rawValue == full)
  }

  @Test(arguments: [
    "", "steps", "step:", "step:0", "step:5,5", "step:9,5", "step:5:1", "step:5:0", "step:5:0.1:2", "step:a",
  ])
  func `schedules that are none`(word: String) {
    #expect(RunConfiguration.Schedule(rawValue: word) == nil)
  }
}
