//  How the learning rate falls over a run: a choice that the command line, recipes and `config.json` write as a short word.

extension RunConfiguration {
  public enum Schedule: RawRepresentable, Codable, Sendable, Hashable {
    /// From the initial rate to zero along half a cosine, moved every step.
    case cosine
    /// Multiplied by 0.1 at one half and at three quarters of the epochs, as ResNets on CIFAR are published.
    case step
    /// Multiplied by a factor when each of these epochs begins, which are counted from 1.
    case steps(at: [Int], factor: Double)

    /// The forms that `init(rawValue:)` reads.
    public static let forms = ["cosine", "step", "step:E,E,…[:F]"]

    /// `cosine`, `step`, or `step:E,E,…:F` with rising epochs and a factor below 1; 0.1 if not given.
    public init?(rawValue: String) {
      switch rawValue {
      case "cosine": self = .cosine
      case "step": self = .step
      default:
        let words = rawValue.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(words.count), words[0] == "step" else { return nil }
        let list = words[1].split(separator: ",", omittingEmptySubsequences: false)
        let epochs = list.compactMap { Int($0) }
        guard epochs.count == list.count, epochs[0] >= 1, zip(epochs, epochs.dropFirst()).allSatisfy({ $0 < $1 }),
          let factor = words.count == 3 ? Double(words[2]) : 0.1, factor > 0, factor < 1
        else { return nil }
        self = .steps(at: epochs, factor: factor)
      }
    }

    public var rawValue: String {
      switch self {
      case .cosine: "cosine"
      case .step: "step"
      case .steps(let epochs, let factor): "step:\(epochs.map(String.init).joined(separator: ",")):\(factor)"
      }
    }
  }
}
