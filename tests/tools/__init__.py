"""Other people's tools on programs that graphlet has a hand in. What they need is the extra ``tools``."""
