def text(recording): raise NotImplementedError
