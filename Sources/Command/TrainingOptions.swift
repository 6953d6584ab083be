//  What a new run is asked for beside its images. An option that is not given leaves the setting as it was: as a recipe has
//  it, or as it is by default.

import ArgumentParser
import Networks
import Results

struct TrainingOptions: ParsableArguments {
  @Option(help: "The network.")
  var network: Architecture?

  @Option(
    help: """
      ce, plain cross-entropy; isda; explicit, the mean over M (1 to 10000) drawn features, which isda bounds. To compare \
      with: label smoothing, focal loss, large-margin softmax (m from 2 to 4), DisturbLabel, generalised cross-entropy \
      L_q, center loss.
      """)
  var loss: RunConfiguration.Loss?

  @Option(help: "λ₀, the strength of ISDA at the end of the run; 0.5 if not given.")
  var lambda: Double?

  @Option(help: "When λ moves on its way to λ₀: each epoch, as published and if not given, or each step.")
  var lambdaSchedule: RunConfiguration.LambdaSchedule?

  @Option(
    help: """
      The class covariances: full, if not given; diagonal; lowrank:R, R directions and a diagonal; pooled, one for all \
      classes; identity; or constant:E, full and frozen after E epochs (constant: after the first).
      """)
  var covariance: RunConfiguration.Covariance?

  @Option(help: "none, if not given, or β: features that came k steps ago count βᵏ in the covariances.")
  var forget: Forgetting?

  @Option(help: "Passes over the training images.")
  var epochs: Int?

  @Option(help: "Images a step; 128 if not given.")
  var batch: Int?

  @Option(help: "Initial weights, order and augmentation follow from it; 0 if not given.")
  var seed: UInt64?

  @Option(help: "Initial learning rate; 0.1 if not given.")
  var learningRate: Double?

  @Option(help: "Momentum; 0.9 if not given.")
  var momentum: Double?

  @Flag(inversion: .prefixedNo, help: "Momentum that looks ahead, as if not given, or plain momentum.")
  var nesterov: Bool?

  @Option(help: "Weight decay, on all parameters; 0.0005 if not given.")
  var weightDecay: Double?

  @Option(
    help: """
      How the rate falls: cosine, to zero step by step, as if not given; step, ×0.1 at 1/2 and 3/4 of the epochs; or ×F \
      (0.1 if not given) when each of the epochs E begins, counted from 1.
      """)
  var schedule: RunConfiguration.Schedule?

  @Option(
    help: ArgumentHelp(
      """
      How training images are changed: parts with commas between, applied in the order of this list; crop,flip if not \
      given. crop moves by up to P whole pixels (4, as published, or 2 up to 20 epochs), what comes in mirrored or 0; \
      translate and rotate by up to P pixels and D degrees; jitter light and colours by up to 1 ± S and hues by H degrees; \
      cutout covers a square of L pixels; mixup and cutmix mix batches with probability p.
      """, valueName: "parts"))
  var augmentation: RunConfiguration.Augmentation?

  @Option(help: "auto, if not given, takes bfloat16 where the device computes faster in it, else float32.")
  var precision: RunConfiguration.Precision?

  @OptionGroup var device: DeviceOption

  @Option(help: "Threads; one for each core if not given.")
  var threads: Int?

  func apply(to configuration: inout RunConfiguration) {
    func take<Value>(_ value: Value?, _ path: WritableKeyPath<RunConfiguration, Value>) {
      if let value { configuration[keyPath: path] = value }
    }
    take(network?.name, \.network)
    take(loss, \.loss)
    take(lambda, \.lambda)
    take(lambdaSchedule, \.lambdaSchedule)
    take(covariance, \.covariance)
    take(forget?.retention, \.retention)
    take(epochs, \.epochs)
    take(batch, \.batch)
    take(seed, \.seed)
    take(learningRate, \.learningRate)
    take(momentum, \.momentum)
    take(nesterov, \.nesterov)
    take(weightDecay, \.weightDecay)
    take(schedule, \.schedule)
    take(augmentation?.resolved(epochs: configuration.epochs), \.augmentation)
    take(precision, \.precision)
    configuration.device = device.device
    configuration.threads = threads
  }
}
